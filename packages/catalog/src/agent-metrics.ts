/** What each agent did, folded from the events of its runs. Pure; the events come in the log's order. */
import type { EventEnvelope } from '@refold/core';
import { readId, readNumber, secondsBetween } from './read.ts';

/** One record per agent name: its last run, and counts over all of them (K-029). */
export interface AgentMetric {
  readonly agentName: string;
  readonly spawnedAt: string | null;
  /** null while the run goes on. */
  readonly completedAt: string | null;
  /** What the producer says, else end minus spawn; null while the run goes on. */
  readonly durationSeconds: number | null;
  readonly status: 'running' | 'blocked' | 'completed' | 'failed';
  readonly qualityScore: number | null;
  readonly runs: number;
  readonly failures: number;
  readonly blocked: number;
  readonly tokensInput: number;
  readonly tokensOutput: number;
}

type RunFields = 'spawnedAt' | 'completedAt' | 'durationSeconds' | 'status' | 'qualityScore';

/** One run of an agent, and the stream it was in. */
type Run = { -readonly [K in RunFields]: AgentMetric[K] } & { readonly stream: string; readonly id: string | null };

interface Tally {
  readonly runs: Run[];
  failures: number;
  blocked: number;
  tokensInput: number;
  tokensOutput: number;
}

/** Metrics by agent name. Events that are not about an agent run are passed over. */
export function projectAgentMetrics(events: Iterable<EventEnvelope>): Record<string, AgentMetric> {
  const tallies = new Map<string, Tally>();
  for (const event of events) {
    if (!event.type.startsWith('agent_run.')) continue;
    const name = readId(event.data['agent_name']) ?? event.agent;
    if (name === undefined) continue;
    let tally = tallies.get(name);
    if (tally === undefined) tallies.set(name, (tally = { runs: [], failures: 0, blocked: 0, tokensInput: 0, tokensOutput: 0 }));
    count(tally, event);
  }
  return Object.fromEntries([...tallies].map(([name, tally]) => [name, metricOf(name, tally)]));
}

function metricOf(agentName: string, { runs, ...counts }: Tally): AgentMetric {
  const { stream: _stream, id: _id, ...last } = runs.at(-1)!;
  return { agentName, ...last, runs: runs.length, ...counts };
}

function count(tally: Tally, event: EventEnvelope): void {
  const run = event.type === 'agent_run.spawned' ? startRun(tally, event, event.occurredAt) : runOf(tally, event);
  switch (event.type) {
    case 'agent_run.blocked':
      tally.blocked++;
      run.status = 'blocked';
      break;
    case 'agent_run.unblocked':
      run.status = 'running';
      break;
    case 'agent_run.completed':
      endRun(tally, run, event);
      run.status = 'completed';
      break;
    case 'agent_run.failed':
      endRun(tally, run, event);
      run.status = 'failed';
      tally.failures++;
      break;
    default:
  }
}

function startRun(tally: Tally, event: EventEnvelope, spawnedAt: string | null): Run {
  const run: Run = { stream: streamOf(event), id: readId(event.data['agent_run_id']), spawnedAt, completedAt: null, durationSeconds: null, status: 'running', qualityScore: null };
  tally.runs.push(run);
  return run;
}

/** The run an event speaks of: by its id; by the agent's name alone, the newest open run of the stream. One that was never announced is taken as there. */
function runOf(tally: Tally, event: EventEnvelope): Run {
  const id = readId(event.data['agent_run_id']);
  const own = tally.runs.filter((run) => run.stream === streamOf(event));
  const named = id === null ? undefined : own.findLast((run) => run.id === id);
  return named ?? (id === null ? (own.findLast(({ completedAt }) => completedAt === null) ?? own.at(-1)) : undefined) ?? startRun(tally, event, null);
}

function endRun(tally: Tally, run: Run, { data, occurredAt }: EventEnvelope): void {
  run.completedAt = occurredAt;
  run.durationSeconds = readNumber(data['duration_seconds']) ?? secondsBetween(run.spawnedAt, occurredAt);
  run.qualityScore = readNumber(data['quality_score']) ?? run.qualityScore;
  tally.tokensInput += readNumber(data['tokens_input']) ?? 0;
  tally.tokensOutput += readNumber(data['tokens_output']) ?? 0;
}

const streamOf = ({ streamType, streamId }: EventEnvelope): string => `${streamType}/${streamId}`;
