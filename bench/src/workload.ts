/**
 * The events every measurement uses: orchestration events of about 490 bytes as JSON on 1,000 streams, the first streams
 * far busier than the last (zipf). The generator is seeded; the same count gives the same events.
 */
import type { EventInput } from '@refold/core';

/** mulberry32: 32 bits of state are enough to spread events over streams. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const agents = ['planner', 'react-component-architect', 'api-integration-specialist', 'test-writer', 'code-reviewer', 'security-auditor', 'documentation-writer', 'devops-engineer'];
/** An orchestration waits for its calls: so many are open at one time. Left to chance, hundreds would stay open in a long stream. */
const openCallsMax = 8;
const tools = ['Read', 'Edit', 'Bash', 'Grep', 'WebFetch', 'Write'];
const syllables = ['con', 'tra', 'mi', 'gra', 'ren', 'der', 'to', 'ken', 'sche', 'ma', 'end', 'point', 'ca', 'che', 'log', 'in', 'for', 'mat', 're', 'try'];
/** 8,000 words of three syllables: about as many as a real project's texts use. */
export const words = syllables.flatMap((first) => syllables.flatMap((second) => syllables.map((third) => first + second + third)));

/** A text that some events of a seed hold: what its first call was asked. */
export const phraseOf = (events: readonly EventInput[]): string => {
  const { query } = events[0]!.data['input'] as { query: string };
  return query.split(' ').slice(0, 3).join(' ');
};

export interface WorkloadOptions {
  readonly seed?: number;
  readonly streams?: number;
  /** Everything into one stream of this id. */
  readonly only?: string;
}

/** An endless, seeded source of legal events; each is about 490 bytes as JSON. */
export function createWorkload({ seed = 1, streams = 1_000, only }: WorkloadOptions = {}): () => EventInput {
  const random = createRandom(seed);
  const open = new Map<string, string[]>();
  let serial = 0;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const sentence = (length: number): string => Array.from({ length }, () => pick(words)).join(' ');

  return () => {
    const id = only ?? `BENCH-${1 + Math.floor(streams * random() ** 3)}`;
    const calls = open.get(id) ?? [];
    open.set(id, calls);
    serial++;
    const agent = pick(agents);
    const shared = {
      streamType: 'orchestration',
      streamId: id,
      issueKey: id,
      sessionId: `session-${id}`,
      correlationId: `correlation-${id}`,
      agent,
      actor: { type: 'agent' as const, id: agent, model: 'sonnet' },
    };
    if (calls.length === openCallsMax || (calls.length > 0 && random() < 0.5)) {
      const call = calls.shift()!;
      const failed = random() < 0.04;
      return {
        ...shared,
        type: failed ? 'tool_call.failed' : 'tool_call.completed',
        data: failed ? { tool_call_id: call, error: { message: sentence(24) }, duration_ms: Math.floor(random() * 9_000) } : { tool_call_id: call, output: sentence(28), duration_ms: Math.floor(random() * 9_000) },
      };
    }
    const call = `call-${seed}-${serial}`;
    calls.push(call);
    return { ...shared, type: 'tool_call.started', data: { tool_call_id: call, tool: pick(tools), kind: 'builtin', input: { path: `src/${pick(words)}/${pick(words)}.ts`, query: sentence(20) } } };
  };
}

export const take = (source: () => EventInput, count: number): EventInput[] => Array.from({ length: count }, source);
