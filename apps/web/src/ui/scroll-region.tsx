import type { ReactElement, ReactNode, Ref } from 'react';
import { classNames } from './class-names.ts';

interface ScrollRegionProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly role?: 'region' | 'log';
  readonly ref?: Ref<HTMLDivElement>;
  readonly onScroll?: (box: HTMLDivElement) => void;
}

/** A pane that scrolls, also by the keyboard alone (WCAG 2.1.1): whoever gets there by Tab can move it with the arrows. */
export const ScrollRegion = ({ label, children, className, role = 'region', ref, onScroll }: ScrollRegionProps): ReactElement => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls takes the focus, so that its keys reach it
  <div ref={ref} role={role} aria-label={label} tabIndex={0} className={classNames('min-h-0 overflow-auto', className)} onScroll={onScroll === undefined ? undefined : ({ currentTarget }) => onScroll(currentTarget)}>
    {children}
  </div>
);
