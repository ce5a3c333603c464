import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Tooltip } from './tooltip.tsx';

export type ButtonKind = 'plain' | 'strong' | 'quiet' | 'danger';

const looks: { readonly [kind in ButtonKind]: string } = {
  plain: 'border border-line bg-surface-1 text-text hover:bg-surface-3',
  strong: 'border border-transparent bg-accent text-on-accent hover:brightness-110',
  quiet: 'border border-transparent bg-transparent text-text-2 hover:bg-surface-3 hover:text-text',
  danger: 'border border-error bg-surface-1 text-error hover:bg-surface-3',
};

const base = 'inline-flex h-7 min-w-7 shrink-0 items-center justify-center gap-1.5 rounded px-2.5 text-body leading-none font-medium whitespace-nowrap select-none disabled:opacity-50 disabled:hover:bg-transparent';

export const buttonClass = (kind: ButtonKind = 'plain'): string => classNames(base, looks[kind]);

export interface ButtonProps extends ComponentProps<'button'> {
  readonly kind?: ButtonKind;
  readonly icon?: ReactNode;
}

export function Button({ kind = 'plain', icon, className, children, type = 'button', ...rest }: ButtonProps): ReactElement {
  return (
    <button type={type} className={classNames(base, looks[kind], className)} {...rest}>
      {icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'title'> {
  /** What it does; its name, and its tooltip. */
  readonly label: string;
  readonly icon: ReactNode;
  readonly keys?: string;
  readonly isPressed?: boolean;
}

/** At least 24 x 24. */
export function IconButton({ label, icon, keys, isPressed, className, type = 'button', ...rest }: IconButtonProps): ReactElement {
  return (
    <Tooltip says={label} keys={keys}>
      <button
        type={type}
        aria-label={label}
        aria-pressed={isPressed}
        className={classNames('inline-flex size-7 shrink-0 items-center justify-center rounded text-text-2 hover:bg-surface-3 hover:text-text disabled:opacity-40 aria-pressed:bg-surface-3 aria-pressed:text-text', className)}
        {...rest}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
