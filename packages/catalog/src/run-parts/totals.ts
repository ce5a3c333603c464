/**
 * How many there ever were. A run's state lists what is open and the newest of the rest (keep.ts); these figures stand for
 * everything, listed or not, so that trimming a list never changes an answer to "how many".
 */

/** Parts that begin and end: the statuses in which one is still open, and those in which it is over. */
export const partFamilies = {
  toolCalls: { open: ['running'], closed: ['completed', 'failed'] },
  modelCalls: { open: ['running'], closed: ['completed', 'failed'] },
  /** By id; a job and a workflow have a list of named steps and no figures for them. */
  steps: { open: ['running'], closed: ['completed', 'failed'] },
  childRuns: { open: ['running'], closed: ['completed', 'failed'] },
  approvals: { open: ['requested'], closed: ['granted', 'denied'] },
  timers: { open: ['running'], closed: ['fired', 'cancelled'] },
  updates: { open: ['accepted'], closed: ['completed', 'rejected'] },
  turns: { open: [], closed: ['completed', 'failed', 'interrupted'] },
  agentRuns: { open: ['running', 'blocked'], closed: ['completed', 'failed'] },
  gaps: { open: ['open', 'escalated'], closed: ['resolved'] },
  errors: { open: ['open', 'recovering'], closed: ['resolved', 'unrecovered'] },
  pullRequests: { open: ['open'], closed: ['merged', 'closed'] },
  qualityChecks: { open: ['running'], closed: ['completed', 'failed'] },
  testRuns: { open: ['running'], closed: ['completed', 'failed'] },
} as const satisfies { readonly [family: string]: PartStatuses };

export interface PartStatuses {
  readonly open: readonly string[];
  readonly closed: readonly string[];
}

/** What is told once and over with it. */
export const factFamilies = ['prompts', 'messages', 'usage', 'files', 'activities', 'objects', 'signals', 'handoffs', 'compactions', 'commits', 'documents', 'decisions', 'restores'] as const;

export type FactFamily = (typeof factFamilies)[number];
export type PartFamily = keyof typeof partFamilies;

/** Beside `started` and `dropped` one figure for each status: how many stand there, or stood there when they were dropped. */
export type PartTotal<Status extends string = string> = {
  /** Ever begun, or known by their end alone. */
  started: number;
  /** No longer listed. */
  dropped: number;
} & { [status in Status]: number };

export interface FactTotal {
  recorded: number;
  /** No longer listed. */
  dropped: number;
}

type StatusOf<Statuses extends PartStatuses> = Statuses['open'][number] | Statuses['closed'][number];

/** Of a run that keeps its steps by id. */
export type RunTotals = { [family in PartFamily]: PartTotal<StatusOf<(typeof partFamilies)[family]>> } & { [family in FactFamily]: FactTotal } & {
  /** `denied`: calls that somebody did not allow; they count among the failed ones as well. */
  toolCalls: { denied: number };
};

/** Of any run. */
export type Totals = Omit<RunTotals, 'steps'>;

export const noFacts = (): FactTotal => ({ recorded: 0, dropped: 0 });

const noParts = ({ open, closed }: PartStatuses): PartTotal => ({ started: 0, dropped: 0, ...Object.fromEntries([...open, ...closed].map((status) => [status, 0])) });

export function initialRunTotals(): RunTotals {
  const parts = Object.entries(partFamilies).map(([family, statuses]) => [family, noParts(statuses)] as const);
  const facts = factFamilies.map((family) => [family, noFacts()] as const);
  // Safe: both tables are walked whole, so every family has its figures.
  const totals = Object.fromEntries([...parts, ...facts]) as RunTotals;
  totals.toolCalls.denied = 0;
  return totals;
}

export function initialTotals(): Totals {
  const { steps: _steps, ...totals } = initialRunTotals();
  return totals;
}
