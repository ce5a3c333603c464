/** The frame of a page: its heading, what can be done with all of it, and the rest, which scrolls. */
import { useEffect } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface PageFrameProps {
  readonly title: string;
  /** Beside the title: counts, chips. */
  readonly facts?: ReactNode;
  readonly actions?: ReactNode;
  /** Below the heading, as wide as the page: filters, tabs. */
  readonly bar?: ReactNode;
  readonly children: ReactNode;
  /** false: what stands inside scrolls by itself. */
  readonly scrolls?: boolean;
}

export function PageFrame({ title, facts, actions, bar, children, scrolls = true }: PageFrameProps): ReactElement {
  useEffect(() => {
    document.title = `${title} · Refold`;
  }, [title]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
        <h1 className="foreign text-title font-semibold">{title}</h1>
        {facts}
        {actions !== undefined && <div className="ms-auto flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {bar}
      <div className={classNames('min-h-0 flex-1', scrolls ? 'overflow-auto' : 'flex flex-col overflow-hidden')}>{children}</div>
    </div>
  );
}
