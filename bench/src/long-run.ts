/**
 * One long run: an orchestration that works on one issue for days. Round after round its phases start and end; in each, some
 * agents work side by side, say things, call tools, change files, meet errors and recover from them. Every event is legal
 * in the catalogue, names what caused it, and some tell late that they happened earlier, as real producers do.
 *
 * Seeded: the same seed gives the same events, byte for byte. What is open at one time is bounded, so the state is too.
 */
import type { EventInput, JsonObject } from '@refold/core';
import { createRandom, words } from './workload.ts';

export interface LongRunOptions {
  readonly seed?: number;
  /** The stream's id; default `LONG-1`. */
  readonly issueKey?: string;
}

/** What is told, before it has an id and a time. `causedBy` names an earlier event; default the run's newest milestone. */
interface Fact {
  readonly type: string;
  readonly data: JsonObject;
  readonly agent?: string;
  readonly causedBy?: string;
}

/** Facts of one strand of work; each `yield` gives back the id that its event got. */
type Strand = Generator<Fact, void, string>;

const phases = ['EXPLORE', 'PLAN', 'CODE', 'TEST', 'REVIEW'] as const;
const agents = ['planner', 'react-component-architect', 'api-integration-specialist', 'test-writer', 'code-reviewer', 'security-auditor', 'documentation-writer', 'devops-engineer'];
const tools: readonly (readonly [tool: string, effect: string])[] = [['Read', 'read'], ['Grep', 'read'], ['WebFetch', 'read'], ['Edit', 'write'], ['Write', 'write'], ['Bash', 'exec']];

const firstMs = Date.UTC(2025, 0, 6, 8);
const roundsPerPause = 40;
/** A checkpoint keeps a copy of the work for ever, so a run has few. */
const roundsPerCheckpoint = 200;
const nightMs = 9 * 3_600_000;

/** An endless run, in the order in which its log takes it. */
export function* longRun({ seed = 1, issueKey = 'LONG-1' }: LongRunOptions = {}): Generator<EventInput, never> {
  const chance = createChance(seed);
  let nowMs = firstMs;
  let serial = 0;
  let milestone: string | undefined;
  let phase: string | undefined;

  function eventOf({ type, data, agent, causedBy = milestone }: Fact): EventInput & { readonly id: string } {
    nowMs += 20 + Math.floor(3_000 * chance.share() ** 3);
    const happenedMs = chance.holds(0.03) ? Math.max(firstMs, nowMs - Math.floor(60_000 * chance.share())) : nowMs;
    return {
      id: idOf(nowMs, ++serial),
      type,
      streamType: 'orchestration',
      streamId: issueKey,
      issueKey,
      sessionId: `session-${issueKey}`,
      correlationId: `correlation-${issueKey}`,
      occurredAt: new Date(happenedMs).toISOString(),
      actor: agent === undefined ? { type: 'service', id: 'orchestrator' } : { type: 'agent', id: agent, model: 'sonnet' },
      data,
      ...(agent === undefined ? {} : { agent }),
      ...(causedBy === undefined ? {} : { causationId: causedBy }),
      ...(phase === undefined ? {} : { phase }),
    };
  }

  /** An event that what follows is caused by. */
  function mark(type: string, data: JsonObject): EventInput {
    const event = eventOf({ type, data });
    milestone = event.id;
    return event;
  }

  /** Strands side by side, one fact of one of them at a time. */
  function* interleave(strands: Strand[]): Generator<EventInput> {
    const open = strands.map((strand) => ({ strand, next: strand.next() }));
    while (open.length > 0) {
      const index = chance.below(open.length);
      const { strand, next } = open[index]!;
      if (next.done === true) open.splice(index, 1);
      else {
        const event = eventOf(next.value);
        yield event;
        open[index] = { strand, next: strand.next(event.id) };
      }
    }
  }

  yield mark('orchestration.started', { run_id: `run-${issueKey}`, summary: `Work on ${issueKey}`, phases_planned: [...phases] });
  for (let round = 1; ; round++) {
    for (const name of phases) {
      phase = name;
      yield mark('phase.started', { phase: name, attempt: round });
      yield* interleave([...Array.from({ length: 2 + chance.below(4) }, (_, place) => agentRun(chance, `${round}-${name}-${place}`)), ...(name === 'TEST' ? [testRun(chance, `${round}`)] : [])]);
      yield chance.holds(0.05) ? mark('phase.failed', { phase: name, error: { message: chance.sentence(6) } }) : mark('phase.completed', { phase: name, quality_score: 60 + chance.below(40) });
      phase = undefined;
    }
    if (round % roundsPerCheckpoint === 0) yield mark('checkpoint.created', { checkpoint_id: `checkpoint-${round}`, label: `after round ${round}` });
    if (round % roundsPerPause !== 0) continue;
    yield mark('orchestration.paused', { reason: 'night' });
    nowMs += nightMs;
    yield mark('orchestration.resumed', { reason: 'morning' });
  }
}

function* agentRun(chance: Chance, id: string): Strand {
  const agent = chance.oneOf(agents);
  const run = { agent_name: agent, agent_run_id: id };
  const spawned = yield { type: 'agent_run.spawned', agent, data: { ...run, agent_model: 'sonnet', assigned_task: chance.sentence(8) } };
  const turns = 6 + chance.below(24);
  for (let turn = 1; turn <= turns; turn++) {
    const part = `${id}-${turn}`;
    const said = yield { type: 'message.recorded', agent, causedBy: spawned, data: { role: 'assistant', kind: 'text', message_id: `message-${part}`, text: chance.sentence(24), usage: { input: 200 + chance.below(2_000), output: 20 + chance.below(600) } } };
    for (let call = 1 + chance.below(3); call > 0; call--) yield* toolCall(chance, agent, `call-${part}-${call}`, said);
    if (chance.holds(0.02)) yield* gap(chance, agent, `gap-${part}`, said);
    if (!chance.holds(0.01)) continue;
    yield { type: 'agent_run.blocked', agent, causedBy: said, data: { ...run, reason: chance.sentence(5) } };
    yield { type: 'agent_run.unblocked', agent, causedBy: said, data: { ...run, resolution: chance.sentence(4) } };
  }
  yield chance.holds(0.06)
    ? { type: 'agent_run.failed', agent, causedBy: spawned, data: { ...run, error: { message: chance.sentence(8) }, retryable: true } }
    : { type: 'agent_run.completed', agent, causedBy: spawned, data: { ...run, quality_score: 50 + chance.below(50), tokens_output: chance.below(9_000) } };
}

function* toolCall(chance: Chance, agent: string, id: string, causedBy: string): Strand {
  const [tool, effect] = chance.oneOf(tools);
  const path = `src/${chance.word()}/${chance.word()}.ts`;
  const started = yield { type: 'tool_call.started', agent, causedBy, data: { tool_call_id: id, tool, kind: 'builtin', effect, input: { path, query: chance.sentence(16) } } };
  if (chance.holds(0.05)) yield { type: 'tool_call.progressed', agent, causedBy: started, data: { tool_call_id: id, elapsed_ms: chance.below(9_000) } };
  if (!chance.holds(0.04)) {
    const done = yield { type: 'tool_call.completed', agent, causedBy: started, data: { tool_call_id: id, output: chance.sentence(24), duration_ms: chance.below(9_000) } };
    if (effect === 'write') yield { type: 'file.changed', agent, causedBy: done, data: { path, operation: 'edited', tool_call_id: id } };
    return;
  }
  const failed = yield { type: 'tool_call.failed', agent, causedBy: started, data: { tool_call_id: id, error: { message: chance.sentence(12) }, duration_ms: chance.below(9_000) } };
  if (chance.holds(0.3)) yield* errorAndRecovery(chance, agent, `error-${id}`, failed);
}

function* errorAndRecovery(chance: Chance, agent: string, id: string, causedBy: string): Strand {
  const occurred = yield { type: 'error.occurred', agent, causedBy, data: { error_id: id, message: chance.sentence(8), code: 'TOOL_FAILED', agent_name: agent } };
  for (let attempt = 1; ; attempt++) {
    const tried = yield { type: 'recovery.attempted', agent, causedBy: occurred, data: { error_id: id, strategy: 'retry', attempt } };
    const succeeded = attempt === 3 || chance.holds(0.8);
    yield succeeded
      ? { type: 'recovery.succeeded', agent, causedBy: tried, data: { error_id: id, strategy: 'retry', attempt } }
      : { type: 'recovery.failed', agent, causedBy: tried, data: { error_id: id, error: { message: chance.sentence(6) }, strategy: 'retry', attempt } };
    if (succeeded) return;
  }
}

function* gap(chance: Chance, agent: string, id: string, causedBy: string): Strand {
  const found = yield { type: 'gap.identified', agent, causedBy, data: { gap_id: id, description: chance.sentence(8), severity: chance.oneOf(['low', 'medium', 'high']) } };
  yield { type: 'gap.resolved', agent, causedBy: found, data: { gap_id: id, resolution: chance.sentence(6) } };
}

function* testRun(chance: Chance, round: string): Strand {
  const [test, check] = [{ test_run_id: `test-${round}` }, { check_id: `check-${round}` }];
  const started = yield { type: 'test_run.started', data: { ...test, suite: 'unit', command: 'npm test' } };
  const failed = chance.holds(0.2) ? 1 + chance.below(9) : 0;
  yield { type: 'test_run.completed', causedBy: started, data: { ...test, total: 400, passed: 400 - failed, failed, coverage: 60 + chance.below(40) } };
  const checked = yield { type: 'quality_check.started', data: { ...check, check_name: 'lint' } };
  yield { type: 'quality_check.completed', causedBy: checked, data: { ...check, passed: failed === 0, score: 100 - failed } };
  yield { type: 'git.commit_created', causedBy: started, data: { sha: Number(round).toString(16).padStart(40, '0'), message: chance.sentence(6), branch: 'main' } };
}

interface Chance {
  /** From 0 to 1, without 1. */
  share(): number;
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  holds(probability: number): boolean;
  oneOf<T>(values: readonly T[]): T;
  word(): string;
  sentence(length: number): string;
}

function createChance(seed: number): Chance {
  const share = createRandom(seed);
  const below = (limit: number): number => Math.floor(share() * limit);
  const oneOf = <T>(values: readonly T[]): T => values[below(values.length)]!;
  return { share, below, oneOf, holds: (probability) => share() < probability, word: () => oneOf(words), sentence: (length) => Array.from({ length }, () => oneOf(words)).join(' ') };
}

/** A UUID of version 7 whose random part counts up. */
function idOf(ms: number, serial: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${serial.toString(16).padStart(12, '0')}`;
}
