/** What stands above or instead of a page while its server is not heard from, or does not know the browser any more. */
import { useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import { useConnection } from '../connection.ts';
import { messages } from '../messages.ts';
import { answers, refold } from '../refold.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';

/** A line while the server is looked for. When it is back, whatever is shown is asked for again: nothing says what was missed. */
export function GoneNotice(): ReactElement | null {
  const connection = useConnection();
  const wasGone = useRef(false);
  useEffect(() => {
    if (connection === 'reconnecting') wasGone.current = true;
    else if (connection === 'live' && wasGone.current) {
      wasGone.current = false;
      void answers.invalidateQueries();
    }
  }, [connection]);
  if (connection !== 'reconnecting') return null;
  return (
    <p role="status" className="flex shrink-0 flex-wrap items-center gap-x-2 border-b border-line bg-surface-3 px-4 py-1.5">
      <StatusGlyph tone="warn" />
      <strong className="font-semibold">{messages.gone}</strong>
      <span>{messages.goneText}</span>
    </p>
  );
}

const lookAgainMs = 3_000;

/** How to sign in again. Who has done so in another tab need not come back and say so. */
export function SignedOut(): ReactElement {
  useEffect(() => {
    const timer = setInterval(() => void goOn(), lookAgainMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <EmptyState title={messages.signedOutTitle} actions={<Button onClick={() => void goOn()}>{messages.lookAgain}</Button>}>
      <p>{messages.signedOutText}</p>
      <p className="my-2 flex items-center gap-1 text-text">
        <code className="rounded border border-line bg-surface-2 px-2 py-1">{messages.signInCommand}</code>
        <CopyButton text={messages.signInCommand} label={messages.signInCommand} />
      </p>
      <p>{messages.signedOutNext}</p>
    </EmptyState>
  );
}

/** Every question and every stream of this page has ended with the sign-in; a fresh page at the same address begins them anew. */
async function goOn(): Promise<void> {
  try {
    await refold.systemInfo({}, { retriesMax: 0 });
  } catch {
    return;
  }
  location.reload();
}
