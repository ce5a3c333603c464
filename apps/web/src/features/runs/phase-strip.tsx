/** The phases of a run in one line: as many blocks as there are, each with its status by colour, height and word. */
import type { ReactElement } from 'react';
import { toneOf, wordOf } from '../../status.ts';
import { classNames } from '../../ui/class-names.ts';
import type { Tone } from '../../ui/status-glyph.tsx';
import { oneLine } from '../../ui/visible-text.ts';

const fills: { readonly [tone in Tone]?: string } = { ok: 'bg-ok', running: 'bg-running', warn: 'bg-warn', error: 'bg-error', critical: 'bg-critical', cancelled: 'bg-cancelled' };

interface PhaseStripProps {
  readonly phases: readonly { readonly name: string; readonly status: string }[];
}

export function PhaseStrip({ phases }: PhaseStripProps): ReactElement | null {
  if (phases.length === 0) return null;
  const says = phases.map(({ name, status }) => `${oneLine(name, 40)} ${wordOf(status)}`).join(', ');
  return (
    <span role="img" aria-label={says} title={says} className="flex h-2 w-full items-end gap-px">
      {phases.map(({ name, status }, index) => {
        const tone = toneOf(status);
        return <span key={`${index} ${name}`} className={classNames('min-w-1 flex-1', fills[tone] ?? 'bg-line', tone === 'waiting' || tone === 'unknown' ? 'h-0.5' : tone === 'running' ? 'h-1.5' : 'h-2')} />;
      })}
    </span>
  );
}
