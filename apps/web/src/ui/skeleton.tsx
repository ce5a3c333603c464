import type { ReactElement } from 'react';
import { uiMessages } from './messages.ts';

/** Rows of the height that will be there; seen only when the answer takes longer than a moment. */
export function Skeleton({ rows = 6, className = 'p-2' }: { readonly rows?: number; readonly className?: string }): ReactElement {
  return (
    <div role="status" aria-label={uiMessages.loading} className={`late ${className}`}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-row items-center">
          <div className="skeleton h-3" style={{ width: `${88 - ((index * 17) % 40)}%` }} />
        </div>
      ))}
    </div>
  );
}

/** What stays shown while its successor is under way has this above it. */
export const BusyBar = ({ isBusy }: { readonly isBusy: boolean }): ReactElement => (
  <div className="relative h-0" aria-hidden>
    {isBusy && <div className="late absolute inset-x-0 top-0 z-10 h-0.5 animate-pulse bg-accent" />}
  </div>
);
