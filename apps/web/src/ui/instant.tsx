/** A time as a person reads it, the whole of it where it is pointed at. */
import { createContext, useContext, useEffect, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { usePreferences } from '../preferences.ts';
import { ago, preciseTime, shortTime, wholeTime } from '../times.ts';

const NowContext = createContext(Date.now());

/** One clock for the page: what says "4 min ago" moves on together, and no oftener than it can be read. */
export function NowProvider({ everyMs = 10_000, children }: { readonly everyMs?: number; readonly children: ReactNode }): ReactElement {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return <NowContext value={now}>{children}</NowContext>;
}

export const useNow = (): number => useContext(NowContext);

interface InstantProps {
  readonly at: string | null | undefined;
  readonly as?: 'short' | 'ago' | 'precise' | 'whole';
  readonly className?: string;
}

export function Instant({ at, as = 'short', className }: InstantProps): ReactElement {
  const { clock } = usePreferences();
  const now = useNow();
  if (at === null || at === undefined) return <span className={className}>–</span>;
  const text = as === 'ago' ? ago(at, now) : as === 'precise' ? preciseTime(at, clock) : as === 'whole' ? wholeTime(at, clock) : shortTime(at, { clock, now });
  return (
    <time dateTime={at} title={`${wholeTime(at, clock)}${clock === 'utc' ? '' : ` = ${wholeTime(at, 'utc')}`}`} className={className}>
      {text}
    </time>
  );
}
