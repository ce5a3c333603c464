/** The tasks of a sprint as they stand, and how far they are. */
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { streamHref } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { toneOf, wordOf } from '../../status.ts';
import { counted } from '../../times.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Instant } from '../../ui/instant.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { textOf } from './run-title.ts';
import type { StreamTabProps } from './tab-props.ts';

const tasksMax = 500;

export function MembersTab({ streamId }: StreamTabProps): ReactElement {
  const tasks = useAsk('listTasks', { sprint: streamId, limit: tasksMax });
  return (
    <Answered of="The tasks" asked={tasks}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title="This sprint has no task yet" />
        ) : (
          <>
            <p className="px-4 py-2 text-text-2">
              {counted(items.length, 'task')}: {rollup(items.map(({ state }) => wordOf(textOf(state, 'status'))))}
            </p>
            <Table label="Tasks of the sprint" className="table-fixed" head={<><HeadCell className="w-32 ps-4">Status</HeadCell><HeadCell className="w-28">Code</HeadCell><HeadCell>Task</HeadCell><HeadCell className="hidden w-20 column:table-cell">Priority</HeadCell><HeadCell className="hidden w-32 column:table-cell">Assignee</HeadCell><HeadCell className="hidden w-36 narrow:table-cell">Progress</HeadCell><HeadCell className="hidden w-24 pe-4 narrow:table-cell">Changed</HeadCell></>}>
              {items.map(({ streamType, streamId: id, state }) => (
                <Row key={id}>
                  <Cell className="ps-4"><StatusGlyph tone={toneOf(textOf(state, 'status'))} word={wordOf(textOf(state, 'status'))} showsWord /></Cell>
                  <Cell className="truncate"><Link to={streamHref({ streamType, streamId: id }, 'story')} className="link"><code>{oneLine(id, 40)}</code></Link></Cell>
                  <Cell className="foreign truncate">{oneLine(textOf(state, 'title') ?? id, 200)}</Cell>
                  <Cell className="hidden column:table-cell">{oneLine(textOf(state, 'priority') ?? '–', 20)}</Cell>
                  <Cell className="foreign hidden truncate column:table-cell">{oneLine(textOf(state, 'assignee') ?? '–', 40)}</Cell>
                  <Cell className="hidden narrow:table-cell"><Progress value={Number(state['progress'] ?? 0) / 100} label={`Progress of ${oneLine(id, 40)}`} className="w-28" /></Cell>
                  <Cell className="hidden pe-4 narrow:table-cell"><Instant at={textOf(state, 'lastEventAt')} as="ago" /></Cell>
                </Row>
              ))}
            </Table>
          </>
        )
      }
    </Answered>
  );
}

/** `2 completed, 1 blocked`, the most first. */
function rollup(statuses: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].toSorted(([, more], [, fewer]) => fewer - more).map(([status, count]) => `${count} ${status}`).join(', ');
}
