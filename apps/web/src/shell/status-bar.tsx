/** One line about the log and the page: is it heard from, what comes in, does it hold, which keys act. */
import { useOrchestratorHealth } from '@refold/react';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { messages } from '../messages.ts';
import { usePreferences } from '../preferences.ts';
import { useFocusedScope } from '../shortcuts/shortcuts.ts';
import { amount } from '../times.ts';
import { classNames } from '../ui/class-names.ts';
import { Instant } from '../ui/instant.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';

const staleMs = 10_000;

export function StatusBar(): ReactElement {
  const { health, connected } = useOrchestratorHealth();
  const { clock, density } = usePreferences();
  const scope = useFocusedScope();
  const isStale = useIsStale(health !== null && !connected);
  return (
    <footer aria-label={messages.status} className={classNames('flex min-w-0 items-center gap-4 overflow-hidden border-t border-line px-3 text-small whitespace-nowrap text-text-2', isStale ? 'bg-surface-3' : 'bg-surface-2')}>
      {isStale && health !== null ? (
        <span className="inline-flex items-center gap-1.5 text-text">
          <StatusGlyph tone="warn" />
          {messages.lastContact} <Instant at={health.timestamp} />
        </span>
      ) : null}
      {health !== null && (
        <>
          <span className="figures">{messages.events(amount(health.eventsTotal))}</span>
          <span className="figures hidden narrow:inline">{messages.perMinute(amount(health.eventsPerMinute))}</span>
          <span className="figures hidden column:inline">{health.projectionLag === 0 ? messages.lagNone : messages.lag(amount(health.projectionLag))}</span>
          <Integrity verified={health.integrity.verified} at={health.integrity.lastVerifiedAt} />
        </>
      )}
      <span className="ms-auto hidden gap-4 column:flex">
        <span>{health?.storeDriver}</span>
        <span>{messages.clocks[clock]}</span>
        <span>{messages.densities[density]}</span>
        <span>{messages.scope(scope ?? messages.scopeNone)}</span>
      </span>
    </footer>
  );
}

function Integrity({ verified, at }: { readonly verified: boolean | null; readonly at: string | null }): ReactElement {
  if (verified === false) return <StatusGlyph tone="tampered" word={messages.verificationFailed} showsWord />;
  if (verified === null || at === null) return <span className="truncate">{messages.notVerified}</span>;
  return (
    <span>
      {messages.verifiedAt} <Instant at={at} />
    </span>
  );
}

/** Nothing has been heard for a while: worth an amber line. */
function useIsStale(isSilent: boolean): boolean {
  const [silentFor, setSilentFor] = useState(0);
  useEffect(() => {
    if (!isSilent) return undefined;
    const begunAt = performance.now();
    const timer = setInterval(() => setSilentFor(performance.now() - begunAt), 1_000);
    return () => {
      clearInterval(timer);
      setSilentFor(0);
    };
  }, [isSilent]);
  return isSilent && silentFor >= staleMs;
}
