/** A pane over one question: rows while it is under way, what is wrong in the pane itself, and the last answer for as long as there is no newer one. */
import type { LogError } from '@refold/client';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { ErrorPane } from './ui/error-pane.tsx';
import { BusyBar, Skeleton } from './ui/skeleton.tsx';

interface AnsweredProps<T> {
  /** What could not be shown: "The jobs". */
  readonly of: string;
  readonly asked: UseQueryResult<T, LogError>;
  readonly rows?: number;
  readonly children: (answer: T) => ReactNode;
}

export function Answered<T>({ of, asked, rows = 8, children }: AnsweredProps<T>): ReactElement {
  const { data, error, isFetching, isPlaceholderData, refetch } = asked;
  const retry = (): void => void refetch();
  if (data === undefined || (error !== null && isPlaceholderData)) return error === null ? <Skeleton rows={rows} /> : <ErrorPane error={error} of={of} onRetry={retry} />;
  return (
    <>
      <BusyBar isBusy={isFetching && isPlaceholderData} />
      {error !== null && <StaleNote error={error} onRetry={retry} />}
      {children(data)}
    </>
  );
}

/** The answer from before stays, and is said to be from before. */
const StaleNote = ({ error, onRetry }: { readonly error: LogError; readonly onRetry: () => void }): ReactElement => (
  <p role="status" className="flex flex-wrap items-center gap-2 border-b border-line bg-surface-2 px-3 py-1">
    <span>
      As it was before: {error.message} <code>{error.code}</code>
    </span>
    <button type="button" className="link min-h-6" onClick={onRetry}>
      Try again
    </button>
  </p>
);
