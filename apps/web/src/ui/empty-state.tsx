import type { ReactElement, ReactNode } from 'react';

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Says what would stand here and what to do for it to. */
export const EmptyState = ({ title, children, actions }: EmptyStateProps): ReactElement => (
  <div className="flex flex-col items-start gap-2 p-6" role="status">
    <p className="text-title font-semibold">{title}</p>
    {children !== undefined && <div className="max-w-[70ch] text-text-2">{children}</div>}
    {actions !== undefined && <div className="mt-1 flex flex-wrap gap-2">{actions}</div>}
  </div>
);
