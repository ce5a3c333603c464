/** How the page is kept up: live, looked for, or over. */
import type { ReactElement } from 'react';
import { useConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { messages } from '../messages.ts';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import type { Tone } from '../ui/status-glyph.tsx';

const tones: { readonly [connection in Connection]: Tone } = { live: 'ok', connecting: 'waiting', reconnecting: 'warn', ended: 'quiet', signedOut: 'error' };

export function LivePill(): ReactElement {
  const connection = useConnection();
  return (
    <span role="status" className="inline-flex h-6 items-center gap-1.5 rounded-full border border-line bg-surface-2 px-2.5 whitespace-nowrap text-text">
      <StatusGlyph tone={tones[connection]} />
      <span>{messages[connection]}</span>
    </span>
  );
}
