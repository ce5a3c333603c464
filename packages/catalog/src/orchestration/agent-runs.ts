/**
 * The agent runs that a state lists. Producers name a run by `agent_run_id`, or by the agent's name alone: then an end belongs
 * to the newest run of that agent that is still open. A producer may also learn late that `agent:<id>` and a tool call are
 * the same run; `bindAgentRun` joins the two.
 *
 * `agentRunsByName` says for each name which runs go on, so no event needs a search. It follows from the runs: whoever
 * changes them past the functions below has it made anew (`indexAgentRuns`).
 */
import { getOwn, removeOwn, setOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { readId, readInteger } from '../read.ts';
import { addPart, dropEnded, movePart } from '../run-parts/keep.ts';
import { phaseOf } from './work.ts';
import type { AgentRunIndex, AgentRunState, WorkFields } from './work.ts';

/** The run that an event speaks of: by id, by a bound second name, else by the agent's name. */
export function runIdOf(state: WorkFields, event: FoldEvent): string {
  const given = readId(event.data['agent_run_id']);
  if (given !== null) return getOwn(state.agentRunAliases, given) ?? given;
  const name = agentNameOf(event);
  const own = getOwn(state.agentRunsByName, name);
  if (event.type === 'agent_run.spawned') return `${name}#${(own?.spawned ?? 0) + 1}`;
  return own?.open.at(-1) ?? own?.newest ?? `${name}#1`;
}

const agentNameOf = (event: FoldEvent): string => readId(event.data['agent_name']) ?? event.agent ?? event.actor.id;

/** Lists a run that was not listed. */
export function spawnAgentRun(draft: WorkFields, id: string, event: FoldEvent): AgentRunState {
  const run = addPart<'agentRuns', AgentRunState>(draft, 'agentRuns', id, {
    id,
    agentName: agentNameOf(event),
    model: null,
    task: null,
    phase: phaseOf(draft, event),
    status: 'running',
    revision: event.revision,
    spawnedAt: event.occurredAt,
    completedAt: null,
    durationSeconds: null,
    qualityScore: null,
    blockedReason: null,
    blockedBy: [],
    error: null,
    parentId: null,
    tokensInput: 0,
    tokensOutput: 0,
  });
  note(draft, run);
  return run;
}

/** Moves a run to a status; null leaves it where it is. The oldest runs that are over may be dropped. */
export function moveAgentRun(draft: WorkFields, run: AgentRunState, status: string | null): void {
  const wasOpen = isOpen(run);
  movePart(draft, 'agentRuns', run, status);
  if (isOpen(run) === wasOpen) return;
  const own = getOwn(draft.agentRunsByName, run.agentName);
  if (own === undefined) return;
  if (!wasOpen) return noteOpen(draft, own, run);
  noteEnd(draft, own, run);
  forget(draft, dropEnded<'agentRuns', AgentRunState>(draft, 'agentRuns'));
}

/**
 * Joins `agent:<agentId>` with the run `id`: what was told under either name is one run from now on. Does nothing without an
 * agent id.
 */
export function bindAgentRun(draft: WorkFields, agentId: unknown, id: string): void {
  const other = readId(agentId);
  if (other === null) return;
  const alias = `agent:${other}`;
  const run = getOwn(draft.agentRuns, id);
  if (alias === id || run === undefined) return;
  setOwn(draft.agentRunAliases, alias, id);
  const orphan = getOwn(draft.agentRuns, alias);
  if (orphan === undefined) return;
  removeOwn(draft.agentRuns, alias);
  const { agentRuns: total } = draft.totals;
  total.started -= 1;
  total[orphan.status] -= 1;
  if (orphan.completedAt !== null && run.completedAt === null) {
    movePart(draft, 'agentRuns', run, orphan.status);
    Object.assign(run, { completedAt: orphan.completedAt, durationSeconds: orphan.durationSeconds, error: orphan.error });
  }
  run.model ??= orphan.model;
  run.task ??= orphan.task;
  run.tokensInput = Math.max(run.tokensInput, orphan.tokensInput);
  run.tokensOutput = Math.max(run.tokensOutput, orphan.tokensOutput);
  if (orphan.spawnedAt < run.spawnedAt) run.spawnedAt = orphan.spawnedAt;
  indexAgentRuns(draft, new Set([orphan.agentName, run.agentName]));
}

/**
 * Makes the index anew from the runs, after these were changed at another place.
 *
 * @param names  Agents whose runs changed; null = any.
 */
export function indexAgentRuns(draft: WorkFields, names: ReadonlySet<string> | null): void {
  const before = draft.agentRunsByName;
  const changed = Object.values(draft.agentRuns).filter(({ agentName }) => names === null || names.has(agentName));
  draft.agentRunsByName = names === null ? {} : without(before, names);
  for (const run of changed.toSorted(bySpawn)) note(draft, run);
  for (const { agentName } of changed) {
    const own = getOwn(draft.agentRunsByName, agentName)!;
    // A number is given once, also when the run that had it is no longer listed.
    own.spawned = Math.max(own.spawned, readInteger(getOwn(before, agentName)?.spawned) ?? 0);
  }
  // A name without any run came with an imported state; it is believed until a run of that name ends.
  draft.activeAgents = draft.activeAgents.filter((name) => (getOwn(draft.agentRunsByName, name)?.open.length ?? (names?.has(name) ? 0 : 1)) > 0);
}

function without<V>(record: Record<string, V>, names: ReadonlySet<string>): Record<string, V> {
  const rest = { ...record };
  for (const name of names) removeOwn(rest, name);
  return rest;
}

const bySpawn = (a: AgentRunState, b: AgentRunState): number => compare(a.spawnedAt, b.spawnedAt) || a.revision - b.revision || compare(a.id, b.id);
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const isOpen = ({ status }: AgentRunState): boolean => status === 'running' || status === 'blocked';

/** Takes a listed run into the index. */
function note(draft: WorkFields, run: AgentRunState): void {
  const own = getOwn(draft.agentRunsByName, run.agentName) ?? setOwn(draft.agentRunsByName, run.agentName, { spawned: 0, listed: 0, open: [], newest: run.id });
  own.spawned += 1;
  own.listed += 1;
  own.newest = run.id;
  if (isOpen(run)) noteOpen(draft, own, run);
}

function noteOpen(draft: WorkFields, own: AgentRunIndex, { id, agentName }: AgentRunState): void {
  if (own.open.length === 0 && !draft.activeAgents.includes(agentName)) draft.activeAgents.push(agentName);
  own.open.push(id);
}

/** An agent with two runs stays active until both have ended. */
function noteEnd(draft: WorkFields, own: AgentRunIndex, { id, agentName }: AgentRunState): void {
  // The newest run ends first, more often than not; the search is short.
  const place = own.open.lastIndexOf(id);
  if (place >= 0) own.open.splice(place, 1);
  if (own.open.length === 0) draft.activeAgents = draft.activeAgents.filter((active) => active !== agentName);
}

/** Second names and the index end with the last run they stand for. */
function forget(draft: WorkFields, dropped: readonly AgentRunState[]): void {
  for (const { agentName } of dropped) {
    const own = getOwn(draft.agentRunsByName, agentName);
    if (own !== undefined && (own.listed -= 1) === 0) removeOwn(draft.agentRunsByName, agentName);
  }
  for (const [alias, id] of Object.entries(draft.agentRunAliases)) if (getOwn(draft.agentRuns, id) === undefined) delete draft.agentRunAliases[alias];
}
