/** How the page is kept up: by the stream of the server's own health, which says something every few seconds in any case. */
import type { ReactElement } from 'react';
import { useConnection } from '../connection.ts';
import { messages } from '../messages.ts';
import { classNames } from '../ui/class-names.ts';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import type { Tone } from '../ui/status-glyph.tsx';

export type LiveState = 'live' | 'connecting' | 'reconnecting' | 'paused' | 'ended' | 'signedOut';

const tones: { readonly [state in LiveState]: Tone } = { live: 'ok', connecting: 'waiting', reconnecting: 'warn', paused: 'waiting', ended: 'quiet', signedOut: 'error' };

/** Also used beside what follows one stream: pass what it says; `note` is how many are waiting, or how long it has been quiet. */
export function Pill({ state, note, onClick }: { readonly state: LiveState; readonly note?: string; readonly onClick?: () => void }): ReactElement {
  const look = 'inline-flex h-6 items-center gap-1.5 rounded-full border border-line bg-surface-2 px-2.5 whitespace-nowrap text-text';
  const shown = (
    <>
      <StatusGlyph tone={tones[state]} />
      <span>{messages[state]}</span>
      {note !== undefined && <span className="text-text-2">{note}</span>}
    </>
  );
  return onClick === undefined ? (
    <span className={look} role="status">
      {shown}
    </span>
  ) : (
    <button type="button" className={classNames(look, 'hover:bg-surface-3')} onClick={onClick}>
      {shown}
    </button>
  );
}

export const LivePill = (): ReactElement => <Pill state={useConnection()} />;
