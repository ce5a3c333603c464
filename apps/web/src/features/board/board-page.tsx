/** Tasks in columns by status, of one sprint or of all. A card moves by its menu or by dragging; either way it is shown first what will be recorded. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SprintState } from '@refold/catalog';
import { Answered } from '../../answered.tsx';
import { useAsk } from '../../refold.ts';
import { oneOf } from '../../search-parameters.ts';
import { toneOf, wordOf } from '../../status.ts';
import { counted } from '../../times.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { useSearch } from '../../use-search.ts';
import { columnsOf, taskOf } from './board-view.ts';
import type { TaskStatus, WorkObject } from './board-view.ts';
import { MoveTask } from './move-task.tsx';
import { TaskCard } from './task-card.tsx';
import { TaskHistory } from './task-history.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';

const tasksMax = 1_000;

export function BoardPage(): ReactElement {
  const [search, change] = useSearch();
  const sprint = oneOf(search, 'sprint');
  const selected = oneOf(search, 'sel');
  const [move, setMove] = useState<{ readonly task: WorkObject; readonly status: TaskStatus } | null>(null);
  const sprints = useAsk('listSprints', { limit: 200 }, { everyMs: 10_000 });
  const tasks = useAsk('listTasks', { limit: tasksMax, ...(sprint === null ? {} : { sprint }) }, { everyMs: 5_000, keepsLast: true });
  const shown = sprints.data?.items.find(({ streamId }) => streamId === sprint);
  const chosen = tasks.data?.items.find(({ streamId }) => streamId === selected);
  const drop = (code: string, status: TaskStatus): void => {
    const task = tasks.data?.items.find(({ streamId }) => streamId === code);
    if (task !== undefined && taskOf(task).status !== status) setMove({ task, status });
  };
  return (
    <PageFrame
      title="Board"
      scrolls={false}
      facts={shown === undefined ? tasks.data !== undefined && <span className="text-text-2">{counted(tasks.data.items.length, 'task')}</span> : <SprintFacts state={shown.state as unknown as SprintState} tasks={tasks.data?.items ?? []} />}
      actions={
        <Field label="Sprint" hidesLabel>
          {(ties) => (
            <Select {...ties} value={sprint ?? ''} onChange={({ target }) => change({ sprint: target.value, sel: undefined })} className="max-w-64">
              <option value="">every sprint</option>
              {(sprints.data?.items ?? []).map(({ streamId, state }) => (
                <option key={streamId} value={streamId}>
                  {oneLine(`${streamId}  ${typeof state['name'] === 'string' ? state['name'] : ''}`, 60)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      }
    >
      <Answered of="The tasks" asked={tasks}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={sprint === null ? 'No task has been recorded' : `No task is in ${oneLine(sprint, 40)}`}>
              <p>
                From a terminal: <code>refold task create PAY-101 --title "Retry the gateway"</code>
              </p>
            </EmptyState>
          ) : (
            <ScrollRegion className="flex flex-1 gap-3 overflow-x-auto p-3" label="Columns of the board">
              {[...columnsOf(items)].map(([column, cards]) => (
                <Column key={column} status={column} cards={cards} selected={selected} onOpen={(code) => change({ sel: code }, { replaces: true })} onMove={(task, status) => setMove({ task, status })} onDrop={(code) => drop(code, column)} />
              ))}
            </ScrollRegion>
          )
        }
      </Answered>
      <MoveTask move={move} onClose={() => setMove(null)} />
      <TaskHistory code={chosen === undefined ? null : selected} title={chosen === undefined ? '' : oneLine(taskOf(chosen).title ?? '', 80)} onClose={() => change({ sel: undefined }, { replaces: true })} />
    </PageFrame>
  );
}

interface ColumnProps {
  readonly status: TaskStatus;
  readonly cards: readonly WorkObject[];
  readonly selected: string | null;
  readonly onOpen: (code: string) => void;
  readonly onMove: (task: WorkObject, status: TaskStatus) => void;
  readonly onDrop: (code: string) => void;
}

function Column({ status, cards, selected, onOpen, onMove, onDrop }: ColumnProps): ReactElement {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- what dropping does, a card's menu does by keyboard
    <section
      aria-label={wordOf(status)}
      className="flex min-h-0 w-60 shrink-0 grow flex-col wide:w-40 rounded border border-line bg-surface-2"
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes('application/x-refold-task')) event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        onDrop(event.dataTransfer.getData('application/x-refold-task'));
      }}
    >
      <h2 className="flex shrink-0 items-center gap-2 px-2 py-1.5 font-medium">
        <StatusGlyph tone={toneOf(status)} />
        {wordOf(status)}
        <span className="figures ms-auto text-text-2">{cards.length}</span>
      </h2>
      <ul className="flex min-h-0 flex-1 flex-col gap-2 overflow-auto px-2 pb-2" tabIndex={cards.length === 0 ? -1 : 0} aria-label={`Tasks that are ${wordOf(status)}`}>
        {cards.map((task) => (
          <TaskCard key={task.streamId} task={task} isSelected={task.streamId === selected} onOpen={() => onOpen(task.streamId)} onMove={(to) => onMove(task, to)} />
        ))}
      </ul>
    </section>
  );
}

function SprintFacts({ state, tasks }: { readonly state: SprintState; readonly tasks: readonly WorkObject[] }): ReactElement {
  const planned = tasks.filter((task) => taskOf(task).status !== 'cancelled');
  const done = planned.filter((task) => taskOf(task).status === 'completed').length;
  return (
    <>
      <StatusGlyph tone={toneOf(state.status)} word={wordOf(state.status)} showsWord />
      <span className="foreign min-w-0 truncate text-text-2">
        {oneLine(state.goal ?? state.name ?? '', 120)}
      </span>
      {state.startDate !== null && <span className="figures hidden text-text-2 column:inline">{`${oneLine(state.startDate, 24).slice(0, 10)} to ${oneLine(state.endDate ?? '', 24).slice(0, 10)}`}</span>}
      {planned.length > 0 && <Progress value={done / planned.length} label={`${done} of ${planned.length} tasks are completed`} className="w-32" />}
    </>
  );
}
