/**
 * The questions over history on a real session of a coding agent (examples/claude-code). Every figure is confirmed by counts
 * made from the raw lines of the file, with nothing of the product in between.
 */
import { blame, coverage, divergence, flips, fork } from '@refold/core';
import type { Flip } from '@refold/core';
import { createReadStream, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importFiles } from '@refold/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, openTravel } from './open-travel.ts';
import type { OpenedTravel } from './open-travel.ts';

const folder = fileURLToPath(new URL('../../examples/claude-code/', import.meta.url));
const session = '258c7280-ae70-4798-800f-63464d01a85d';
const stream = `session/${session}`;
const cutAtLine = 900;

interface RawBlock {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly tool_use_id?: string;
  readonly is_error?: boolean;
}
interface RawLine {
  readonly timestamp?: string;
  readonly message?: { readonly content?: readonly RawBlock[] | string };
}

const rawLines = readFileSync(`${folder}${session}.jsonl`, 'utf8')
  .split('\n')
  .filter((line) => line !== '');

/** Calls of the main thread as the lines tell them: by id, with the line of call and answer (from 1). */
function rawCalls(lines: readonly string[]): { readonly asked: ReadonlyMap<string, string>; readonly answered: ReadonlySet<string>; readonly failed: readonly string[] } {
  const asked = new Map<string, string>();
  const answered = new Set<string>();
  const failed: string[] = [];
  for (const line of lines) {
    const { content } = (JSON.parse(line) as RawLine).message ?? {};
    for (const block of typeof content === 'object' ? content : []) {
      if (block.type === 'tool_use') asked.set(block.id!, block.name!);
      if (block.type !== 'tool_result') continue;
      answered.add(block.tool_use_id!);
      if (block.is_error === true) failed.push(block.tool_use_id!);
    }
  }
  return { asked, answered, failed };
}

const rawWhole = rawCalls(rawLines);

let whole: OpenedTravel;
let cut: OpenedTravel;
beforeAll(async () => {
  [whole, cut] = [await openTravel(), await openTravel()];
  await importFiles(contextOf(whole), { producer: 'auto', files: [{ name: `${session}.jsonl`, open: () => createReadStream(`${folder}${session}.jsonl`) }] });
  const head = new TextEncoder().encode(`${rawLines.slice(0, cutAtLine).join('\n')}\n`);
  await importFiles(contextOf(cut), { producer: 'auto', files: [{ name: `${session}.jsonl`, open: () => [head] }] });
});
afterAll(async () => {
  await whole.store.close();
  await cut.store.close();
});

const contextOf = ({ store: { log, search, installation } }: OpenedTravel): Parameters<typeof importFiles>[0] => ({ log, search, installation });

async function allFlips(source: string): Promise<readonly Flip[]> {
  const found: Flip[] = [];
  for await (const flip of flips(whole.parts, addressOf(stream), source)) found.push(flip);
  return found;
}

describe('coverage of a real session', () => {
  test('finds no call without its answer in the whole file, as the lines say', async () => {
    const report = await coverage(whole.parts, addressOf(stream));
    const open = [...rawWhole.asked.keys()].filter((id) => !rawWhole.answered.has(id));
    expect(open).toEqual([]);
    expect(report.startsWithoutEnd.items.filter(({ entityType }) => entityType === 'tool_call')).toEqual([]);
    // The file does not tell the end of the session itself.
    expect(report.startsWithoutEnd.items.map(({ entityType }) => entityType)).toEqual(['session']);
    expect(report.missingCauses.count).toBe(0);
    expect(report.producers).toMatchObject([{ producer: 'claude-code', formats: ['transcript'] }]);
    expect(report.events).toBe(report.head);
  });

  test('finds exactly the calls that a file cut short leaves unanswered', async () => {
    const raw = rawCalls(rawLines.slice(0, cutAtLine));
    const open = [...raw.asked.keys()].filter((id) => !raw.answered.has(id));
    const { startsWithoutEnd } = await coverage(cut.parts, addressOf(stream));
    expect(startsWithoutEnd.items.flatMap(({ entityType, entityId }) => (entityType === 'tool_call' ? [entityId] : []))).toEqual(open);
  });

  test('counts every step back of the clock that the lines show, and the times nobody told', async () => {
    const { clock } = await coverage(whole.parts, addressOf(stream), { kind: 'end' }, { clockSkewMs: 0 });
    const [back, silent] = [countStepsBack(), rawLines.filter((line) => (JSON.parse(line) as RawLine).timestamp === undefined).length];
    expect(clock.backwards.count).toBe(back);
    expect(clock.inferred + clock.unknown).toBeGreaterThanOrEqual(silent);
  });
});

function countStepsBack(): number {
  let [steps, previous] = [0, 0];
  for (const line of rawLines) {
    const { timestamp } = JSON.parse(line) as RawLine;
    if (timestamp === undefined) continue;
    const at = Date.parse(timestamp);
    if (previous !== 0 && at < previous) steps++;
    previous = at;
  }
  return steps;
}

describe('blame in a real session', () => {
  test('of each failed call is that call, or an earlier failure it came from, over recorded edges', async () => {
    const failures = (await whole.events(stream)).filter(({ type }) => type === 'tool_call.failed');
    expect(failures.map(({ entityId }) => entityId)).toEqual(rawWhole.failed);
    for (const { revision, entityId } of failures) {
      const { target, targetReason, firstBad, suspects } = await blame(whole.parts, addressOf(stream), { kind: 'revision', revision }, { inferred: false });
      expect([target!.revision, targetReason]).toEqual([revision, 'at_place']);
      expect(suspects.some(({ event }) => event.revision === revision)).toBe(true);
      expect(firstBad!.event.revision).toBeLessThanOrEqual(revision);
      expect(firstBad!.chain.every(({ kind }) => kind === 'recorded')).toBe(true);
      expect(rawWhole.failed).toContain(entityId);
    }
  });

  test('of the whole session says that nothing stands unresolved: it went on after every failure', async () => {
    expect(await blame(whole.parts, addressOf(stream), { kind: 'end' })).toMatchObject({ target: null, firstBad: null });
  });
});

describe('flips over a real session', () => {
  test('show when calls ran and failed, call by call as in the lines', async () => {
    const failed = await allFlips('type == "tool_call.failed"');
    expect(failed.filter(({ to }) => to === true)).toHaveLength(rawWhole.failed.length);
    const shell = [...rawWhole.asked.values()].filter((name) => name === 'Bash').length;
    const started = (await whole.events(stream)).filter(({ type, data }) => type === 'tool_call.started' && data['tool'] === 'Bash' && data['agent_run_id'] === undefined);
    expect(started).toHaveLength(shell);
  });

  test('agree with a look at every state one by one', async () => {
    const source = 'size(state.toolCalls) > 100';
    const found = await allFlips(source);
    const events = await whole.events(stream);
    let state = whole.parts.fold.initial('session', session);
    const turns: number[] = [];
    let before = false;
    for (const event of events) {
      state = whole.parts.fold.evolveDraft(state, event);
      const now = Object.keys(state['toolCalls'] as object).length > 100;
      if (now !== before) turns.push(event.revision);
      before = now;
    }
    expect(turns).toHaveLength(1);
    expect(found.filter(({ kind }) => kind === 'flip').map(({ revision }) => revision)).toEqual(turns);
  });
});

describe('fork and divergence of a real session', () => {
  test('a what-if without one failed call has one failure less, and the record stays as it is', async () => {
    const failed = rawWhole.failed[0]!;
    const [first] = (await whole.events(stream)).filter(({ type, entityId }) => type === 'tool_call.failed' && entityId === failed);
    const { base, variant, rejected } = await fork(whole.parts, addressOf(stream), { kind: 'end' }, [{ op: 'omit', at: first!.id }]);
    const statusIn = (view: typeof base): unknown => (view.state['toolCalls'] as Record<string, { status: string }>)[failed]!.status;
    expect([statusIn(base), statusIn(variant), rejected]).toEqual(['failed', 'running', []]);
    expect(variant.revision).toBe(base.revision - 1);
  });

  test('the session never differs from itself', async () => {
    const report = await divergence(whole.parts, addressOf(stream), addressOf(stream));
    expect(report).toMatchObject({ equal: true, first: null, states: 'equal' });
  });
});
