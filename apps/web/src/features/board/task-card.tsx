import type { ReactElement } from 'react';
import { Menu } from '../../ui/menu.tsx';
import { MoreHorizontal } from 'lucide-react';
import { taskStatusPairs } from '@refold/catalog';
import { wordOf } from '../../status.ts';
import { Progress } from '../../ui/progress.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { columns, taskOf } from './board-view.ts';
import type { TaskStatus, WorkObject } from './board-view.ts';

interface TaskCardProps {
  readonly task: WorkObject;
  readonly isSelected: boolean;
  readonly onOpen: () => void;
  readonly onMove: (status: TaskStatus) => void;
}

export function TaskCard({ task, isSelected, onOpen, onMove }: TaskCardProps): ReactElement {
  const { taskCode, title, priority, progress, assignee, blockers, status } = taskOf(task);
  const code = oneLine(taskCode, 40);
  const targets = columns.filter((column) => Object.hasOwn(taskStatusPairs, status) && taskStatusPairs[status]!.includes(column));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- what dragging does, the card's menu does by keyboard
    <li
      draggable
      onDragStart={({ dataTransfer }) => dataTransfer.setData('application/x-refold-task', task.streamId)}
      className={`rounded border bg-surface-1 p-2 ${isSelected ? 'border-accent' : 'border-line'}`}
    >
      <div className="flex items-center gap-2">
        <code className="foreign min-w-0 truncate text-text-2">{code}</code>
        <span className="ms-auto shrink-0 font-medium">{priority}</span>
        <Menu
          align="end"
          trigger={
            <button type="button" aria-label={`Move ${code}`} className="-me-1 inline-flex size-6 shrink-0 items-center justify-center rounded text-text-2 hover:bg-surface-3 hover:text-text">
              <MoreHorizontal size={14} aria-hidden />
            </button>
          }
          groups={[targets.map((column) => ({ label: `Move to ${wordOf(column)}…`, onChoose: () => onMove(column) })), [{ label: 'History', onChoose: onOpen }]]}
        />
      </div>
      <button type="button" onClick={onOpen} className="foreign mt-0.5 block min-h-6 w-full text-start font-medium hover:underline">
        {oneLine(title ?? taskCode, 160)}
      </button>
      <div className="mt-1 flex items-center gap-2 text-text-2">
        {assignee !== null && <span className="foreign min-w-0 truncate">{oneLine(assignee.id, 40)}</span>}
        {progress > 0 && status !== 'completed' && <Progress value={progress / 100} label={`Progress of ${code}`} className="ms-auto w-24" />}
      </div>
      {blockers.length > 0 && status === 'blocked' && <p className="foreign mt-1 text-text-2">waits for {blockers.map((blocker) => oneLine(blocker, 40)).join(', ')}</p>}
    </li>
  );
}
