/** The state of a job after any of its events, with what that event changed. */
import type { ReactElement } from 'react';
import { Link } from '@tanstack/react-router';
import { Answered } from '../../answered.tsx';
import { placeHref } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { buttonClass, IconButton } from '../../ui/button.tsx';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Instant } from '../../ui/instant.tsx';
import { JsonTree } from '../../ui/json-tree.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { ScrollRegion } from '../../ui/scroll-region.tsx';

interface JobStateAtProps {
  readonly id: string;
  readonly head: number;
  /** Revision; the newest without one. */
  readonly at: number | null;
  readonly onMove: (revision: number) => void;
}

export function JobStateAt({ id, head, at, onMove }: JobStateAtProps): ReactElement {
  const revision = Math.min(Math.max(1, at ?? head), head);
  const address = { streamType: 'job', streamId: id };
  const state = useAsk('stateAt', { ...address, revision }, { isFinal: true, keepsLast: true });
  const history = useAsk('stateHistory', { ...address, after: revision - 1, upTo: revision, limit: 1 }, { isFinal: true, keepsLast: true });
  const entry = history.data?.entries[0];
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
        <IconButton label="Event before" icon={<ChevronLeft size={16} aria-hidden />} disabled={revision <= 1} onClick={() => onMove(revision - 1)} />
        <input type="range" aria-label="Revision" aria-valuetext={`event ${revision} of ${head}`} min={1} max={head} value={revision} onChange={({ target }) => onMove(Number(target.value))} className="h-6 w-40 accent-accent column:w-64" />
        <IconButton label="Event after" icon={<ChevronRight size={16} aria-hidden />} disabled={revision >= head} onClick={() => onMove(revision + 1)} />
        <span className="figures">
          {revision} of {head}
        </span>
        {entry !== undefined && (
          <span className="foreign text-text-2">
            {entry.type} <Instant at={entry.at} as="precise" />
          </span>
        )}
        <Link to={placeHref(address, revision)} className={`${buttonClass()} ms-auto`}>
          Debug from here
        </Link>
      </div>
      <ScrollRegion className="flex-1 p-4" label="State">
        {entry !== undefined && Object.keys(entry.changes).length > 0 && (
          <ul className="mb-3 border-s-2 border-accent ps-3" aria-label="What this event changed">
            {Object.entries(entry.changes)
              .filter(([path]) => !bookkeeping.has(path))
              .map(([path, { before, after }]) => (
                <li key={path} className="foreign font-mono text-mono">
                  <span className="text-text-2">{oneLine(path, 80)}</span> {brief(before)} → {brief(after)}
                </li>
              ))}
          </ul>
        )}
        <Answered of="The state" asked={state}>{(view) => <JsonTree value={view.state} label={`State after event ${revision}`} />}</Answered>
      </ScrollRegion>
    </div>
  );
}

/** Every event moves these. */
const bookkeeping = new Set(['revision', 'lastEventId', 'lastEventAt', 'updatedAt', 'eventCount', '/revision', '/lastEventId', '/lastEventAt', '/updatedAt', '/eventCount']);

const brief = (value: unknown): string => (value === undefined ? 'nothing' : oneLine(JSON.stringify(value), 120));
