/** How a task became what it is: every event with what it changed, the newest first. */
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { placeHref } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Instant } from '../../ui/instant.tsx';
import { oneLine } from '../../ui/visible-text.ts';

interface TaskHistoryProps {
  /** null: closed. */
  readonly code: string | null;
  readonly title: string;
  readonly onClose: () => void;
}

export const TaskHistory = ({ code, title, onClose }: TaskHistoryProps): ReactElement => (
  <Dialog isOpen={code !== null} onClose={onClose} place="side" isModal={false} title={code === null ? '' : `${oneLine(code, 40)}  ${title}`}>
    {code !== null && <History code={code} />}
  </Dialog>
);

function History({ code }: { readonly code: string }): ReactElement {
  const address = { streamType: 'task', streamId: code };
  const history = useAsk('stateHistory', { ...address, limit: 500 });
  return (
    <Answered of="The history" asked={history}>
      {({ entries, next }) => (
        <>
          <ol className="flex flex-col" aria-label="History, the newest first">
            {entries.toReversed().map(({ revision, type, at, actor, changes }) => (
              <li key={revision} className="border-b border-line py-2">
                <div className="flex items-baseline gap-2">
                  <Link to={placeHref(address, revision)} className="link figures">
                    {revision}
                  </Link>
                  <span className="foreign font-medium">{type}</span>
                  <span className="foreign ms-auto text-text-2">
                    {oneLine(`${actor.type}:${actor.id}`, 40)} <Instant at={at} as="short" />
                  </span>
                </div>
                <ul className="mt-0.5">
                  {Object.entries(changes)
                    .filter(([path]) => !bookkeeping.has(path.split('/')[1] ?? path))
                    .map(([path, { before, after }]) => (
                      <li key={path} className="foreign font-mono text-mono">
                        <span className="text-text-2">{oneLine(path.replace(/^\//, ''), 60)}</span> {written(before)} → {written(after)}
                      </li>
                    ))}
                </ul>
              </li>
            ))}
          </ol>
          {next !== null && <p className="py-2 text-text-2">The first {entries.length} events.</p>}
        </>
      )}
    </Answered>
  );
}

const bookkeeping = new Set(['revision', 'lastEventId', 'lastEventAt', 'updatedAt', 'createdAt', 'eventCount', 'exists', 'correlationChain', 'correlationId', 'hash', 'statusEventId']);

const written = (value: unknown): string => (value === undefined ? 'nothing' : oneLine(JSON.stringify(value), 120));
