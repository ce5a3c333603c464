/** The board, from tasks as they stand: which card is in which column, and what a move will write. Pure. */
import { decideTaskUpdate } from '@refold/catalog';
import type { TaskState } from '@refold/catalog';
import type { OutputOf } from '@refold/client';

export type WorkObject = OutputOf<'getTask'>;

export const columns = ['pending', 'received', 'in_progress', 'blocked', 'failed', 'completed', 'cancelled'] as const;
export type TaskStatus = (typeof columns)[number];

/** The contract knows a state of any kind; that of a task is the catalogue's. */
export const taskOf = ({ state }: Pick<WorkObject, 'state'>): TaskState => state as unknown as TaskState;

/** Every column, also an empty one; a task of a status that is not on the board stands with those nobody has begun. */
export function columnsOf(tasks: readonly WorkObject[]): ReadonlyMap<TaskStatus, readonly WorkObject[]> {
  const found = new Map<TaskStatus, WorkObject[]>(columns.map((column) => [column, []]));
  for (const task of tasks) found.get(columns.find((column) => column === taskOf(task).status) ?? 'pending')!.push(task);
  for (const cards of found.values()) cards.sort((a, b) => rank(a).localeCompare(rank(b)));
  return found;
}

/** The most urgent first. */
const rank = (task: WorkObject): string => `${taskOf(task).priority ?? 'P9'} ${task.streamId}`;

export interface Move {
  readonly status: TaskStatus;
  readonly reason?: string | undefined;
}

export interface PlannedEvent {
  readonly type: string;
  readonly changes: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[];
}

/** The events that a move will append: decided by the same rules as on the server. */
export const eventsOfMove = (task: WorkObject, move: Move): readonly PlannedEvent[] =>
  decideTaskUpdate(taskOf(task), move).map(({ type, changes = {} }) => ({ type, changes: Object.entries(changes).map(([field, { before, after }]) => ({ field, before, after })) }));
