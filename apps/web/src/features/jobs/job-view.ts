/** What the pages show of a job, read from its folded state. Pure. */
import type { OutputOf } from '@refold/client';
import type { JobState } from '@refold/catalog';

export type JobObject = OutputOf<'getJob'>;

/** The contract knows a state of any kind; that of a job is the catalogue's. */
export const stateOf = ({ state }: Pick<JobObject, 'state'>): JobState => state as unknown as JobState;

export const jobActions = ['start', 'pause', 'resume', 'cancel', 'rerun'] as const;
export type JobAction = (typeof jobActions)[number];

const actionsByStatus: { readonly [status: string]: readonly JobAction[] } = {
  pending: ['start', 'cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  completed: ['rerun'],
  failed: ['rerun'],
  cancelled: ['rerun'],
};

/** What may be done with a job that stands like this. */
export const actionsOf = (status: string): readonly JobAction[] => actionsByStatus[status] ?? [];

/** Milliseconds from its start to its end, or until now. */
export function durationOf({ startedAt, endedAt }: Pick<JobState, 'startedAt' | 'endedAt'>, now: number): number | null {
  if (startedAt === null) return null;
  return (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt);
}

/** The newest activity first; the list comes by id. */
export const byActivity = (jobs: readonly JobObject[]): readonly JobObject[] => jobs.toSorted((a, b) => lastOf(b).localeCompare(lastOf(a)));

const lastOf = ({ state }: JobObject): string => (typeof state['lastEventAt'] === 'string' ? state['lastEventAt'] : '');

/** `retries: 3` typed into a field: JSON where it is JSON, else the text itself. */
export function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** As it is typed; the inverse of `readValue` for everything that JSON knows. */
export const writeValue = (value: unknown): string => (typeof value === 'string' && readValue(value) === value ? value : JSON.stringify(value));

/** Only what was changed; null removes. */
export function changedParameters(before: { readonly [name: string]: unknown }, typed: { readonly [name: string]: string | null }): { readonly [name: string]: unknown } {
  return Object.fromEntries(
    Object.entries(typed).flatMap(([name, text]) => {
      const value = text === null ? null : readValue(text);
      const isSame = Object.hasOwn(before, name) ? JSON.stringify(before[name]) === JSON.stringify(value) : text === null;
      return isSame ? [] : [[name, value]];
    }),
  );
}
