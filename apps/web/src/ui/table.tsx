/** Rows of equal height under a head that stays. For thousands of rows there is the grid of the event lists. */
import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface TableProps {
  /** What it lists, for those who cannot see its surroundings. */
  readonly label: string;
  readonly head: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

export const Table = ({ label, head, children, className }: TableProps): ReactElement => (
  <table aria-label={label} className={classNames('w-full border-collapse text-body', className)}>
    <thead className="sticky top-0 z-10 bg-surface-2 text-text-2">
      <tr className="h-row">{head}</tr>
    </thead>
    <tbody>{children}</tbody>
  </table>
);

interface CellProps extends Omit<ComponentProps<'td'>, 'align'> {
  readonly align?: 'start' | 'end';
}

/** Figures stand at the end of their column, so that they compare. */
export const HeadCell = ({ align = 'start', className, ...rest }: Omit<ComponentProps<'th'>, 'align'> & { readonly align?: 'start' | 'end' }): ReactElement => (
  <th scope="col" className={classNames('border-b border-line px-2 font-medium whitespace-nowrap', align === 'end' ? 'text-end' : 'text-start', className)} {...rest} />
);

export const Row = ({ className, ...rest }: ComponentProps<'tr'>): ReactElement => <tr className={classNames('h-row border-b border-line hover:bg-surface-2 has-focus-visible:bg-surface-2', className)} {...rest} />;

export const Cell = ({ align = 'start', className, ...rest }: CellProps): ReactElement => <td className={classNames('px-2 whitespace-nowrap', align === 'end' && 'text-end figures', className)} {...rest} />;
