/** What a job has written, as it writes. The end is followed for as long as nobody scrolls up; then the reader's place is kept. */
import { useJobLogs } from '@refold/react';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPane } from '../../ui/error-pane.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { Instant } from '../../ui/instant.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { ScrollRegion } from '../../ui/scroll-region.tsx';

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
const charactersMax = 4_000;

export function JobLogs({ id }: { readonly id: string }): ReactElement {
  const { lines, dropped, error } = useJobLogs(id);
  const [level, setLevel] = useState<(typeof levels)[number]>('TRACE');
  const [isPinned, setIsPinned] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const shown = lines.filter((line) => levels.indexOf(line.level) >= levels.indexOf(level));
  const last = shown.at(-1)?.sequence;
  useEffect(() => {
    if (isPinned && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [isPinned, last]);
  const onScroll = ({ scrollHeight, scrollTop, clientHeight }: HTMLDivElement): void => setIsPinned(scrollHeight - scrollTop - clientHeight < 24);
  if (error !== null && lines.length === 0) return <ErrorPane error={error} of="The log" />;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
        <Field label="Least severity" hidesLabel>
          {(ties) => (
            <Select {...ties} value={level} onChange={({ target }) => setLevel(target.value as typeof level)}>
              {levels.map((name) => (
                <option key={name} value={name}>{name === 'TRACE' ? 'every line' : `${name.toLowerCase()} and worse`}</option>
              ))}
            </Select>
          )}
        </Field>
        <span className="text-text-2">
          {counted(shown.length, 'line')}
          {dropped > 0 && `, ${counted(dropped, 'earlier line')} not shown`}
        </span>
        {!isPinned && (
          <Button className="ms-auto" onClick={() => setIsPinned(true)}>
            Go to the end
          </Button>
        )}
      </div>
      {shown.length === 0 ? (
        <EmptyState title={lines.length === 0 ? 'It has written no line yet' : 'No line is that severe'} />
      ) : (
        <ScrollRegion ref={box} onScroll={onScroll} role="log" label="Log of the job" className="flex-1 px-4 py-2 font-mono text-mono">
          {shown.map((line) => (
            <div key={line.sequence} className="flex gap-3">
              <Instant at={line.timestamp} as="precise" className="shrink-0 text-text-2" />
              <span className={`w-10 shrink-0 ${toneOfLevel[line.level] ?? ''}`}>{line.level.toLowerCase()}</span>
              {line.step !== null && <span className="foreign hidden max-w-40 shrink-0 truncate text-text-2 column:inline">{visibleText(line.step.slice(0, 80))}</span>}
              <span className="foreign min-w-0 whitespace-pre-wrap">
                {visibleText(line.message.slice(0, charactersMax))}
                {line.message.length > charactersMax && <span className="text-text-2"> … cut after {charactersMax} characters</span>}
              </span>
            </div>
          ))}
        </ScrollRegion>
      )}
    </div>
  );
}

const toneOfLevel: { readonly [level: string]: string } = { WARN: 'text-warn', ERROR: 'text-error', FATAL: 'text-critical', TRACE: 'text-text-2', DEBUG: 'text-text-2', INFO: '' };
