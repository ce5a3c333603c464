/** What a run consists of, as tables: phases or steps, agents, gaps, checks. What it has none of is not shown. */
import type { ReactElement, ReactNode } from 'react';
import { toneOf, wordOf } from '../../../status.ts';
import { amount, brief, duration } from '../../../times.ts';
import { ScrollRegion } from '../../../ui/scroll-region.tsx';
import { StatusGlyph } from '../../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../../ui/table.tsx';
import { oneLine, visibleText } from '../../../ui/visible-text.ts';
import { storyMessages } from './messages.ts';
import { partsOf } from './parts-of-state.ts';
import type { Part } from './parts-of-state.ts';

type Column = 'name' | 'attempt' | 'duration' | 'quality' | 'model' | 'tokens' | 'says' | 'task';

export function RunParts({ state }: { readonly state: { readonly [field: string]: unknown } }): ReactElement | null {
  const tables: readonly { readonly title: string; readonly parts: readonly Part[]; readonly columns: readonly Column[] }[] = [
    { title: storyMessages.phases, parts: partsOf(state, 'phases'), columns: ['name', 'attempt', 'duration', 'quality', 'says'] },
    { title: storyMessages.steps, parts: partsOf(state, 'steps'), columns: ['name', 'attempt', 'duration', 'says'] },
    { title: storyMessages.gaps, parts: partsOf(state, 'gaps'), columns: ['says'] },
    { title: storyMessages.checks, parts: [...partsOf(state, 'qualityChecks'), ...partsOf(state, 'testRuns')], columns: ['name', 'duration', 'quality'] },
    { title: storyMessages.agents, parts: partsOf(state, 'agentRuns'), columns: ['name', 'model', 'duration', 'quality', 'tokens', 'task'] },
  ];
  const shown = tables.filter(({ parts }) => parts.length > 0);
  if (shown.length === 0) return null;
  return (
    <div className="grid items-start gap-x-6 gap-y-5 wide:grid-cols-2">
      {shown.map(({ title, parts, columns }) => (
        <section key={title} className={title === storyMessages.agents ? 'min-w-0 wide:col-span-2' : 'min-w-0'}>
          <h2 className="mb-1 font-semibold">
            {title} <span className="font-normal text-text-2 figures">{amount(parts.length)}</span>
          </h2>
          <ScrollRegion label={title}>
            <Table label={title} head={<><HeadCell>{storyMessages.columns.status}</HeadCell>{columns.map((column) => <HeadCell key={column} align={figures.has(column) ? 'end' : 'start'} className={wide.has(column) ? 'w-full' : undefined}>{storyMessages.columns[column]}</HeadCell>)}</>}>
              {parts.map((part) => (
                <Row key={part.key}>
                  <Cell>
                    <StatusGlyph tone={toneOf(part.status)} word={wordOf(part.status)} showsWord />
                  </Cell>
                  {columns.map((column) => (
                    <Cell key={column} align={figures.has(column) ? 'end' : 'start'} className={wide.has(column) ? 'foreign max-w-0 min-w-40 truncate' : undefined} title={wide.has(column) && part.detail !== null ? visibleText(part.detail) : undefined}>
                      {valueOf(part, column)}
                    </Cell>
                  ))}
                </Row>
              ))}
            </Table>
          </ScrollRegion>
        </section>
      ))}
    </div>
  );
}

const figures: ReadonlySet<Column> = new Set(['attempt', 'duration', 'quality', 'tokens']);
const wide: ReadonlySet<Column> = new Set(['says', 'task']);

function valueOf(part: Part, column: Column): ReactNode {
  switch (column) {
    case 'name':
      return oneLine(part.name, 60);
    case 'attempt':
      return amount(part.attempt);
    case 'duration':
      return duration(part.durationMs);
    case 'quality':
      return amount(part.quality);
    case 'model':
      return visibleText(part.model ?? '–');
    case 'tokens':
      return brief(part.tokens);
    case 'says':
    case 'task':
      return part.detail === null ? '–' : oneLine(part.detail);
  }
}
