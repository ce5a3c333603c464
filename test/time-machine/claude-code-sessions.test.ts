/**
 * The questions over history on every real session of a coding agent that the repository has: a long one with two sub-agents
 * (examples/claude-code) and the shorter ones of the importer's samples. Every figure is counted again from the raw lines, with
 * nothing of the product in between.
 */
import { blame, coverage, createDebugger, flips, parseScript, runScript } from '@refold/core';
import type { CommandResult, DebuggerParts, EventEnvelope } from '@refold/core';
import { importFiles } from '@refold/operations';
import { createReadStream, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, openTravel } from './open-travel.ts';
import type { OpenedTravel } from './open-travel.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const [example, samples] = [`${root}examples/claude-code/`, `${root}packages/intake/test/samples/claude-code/`];
const long = '258c7280-ae70-4798-800f-63464d01a85d';
const files = [
  ...[`${long}.jsonl`, `${long}/subagents/agent-a881341.jsonl`, `${long}/subagents/agent-acompact-fffbd0.jsonl`].map((name) => ({ name, path: example + name })),
  ...['claude-code-log/edge_cases.jsonl', 'claude-code-log/representative_messages.jsonl', 'claude-code-log/session_b.jsonl', 'claude-code-log/todowrite_examples.jsonl', 'simonw-transcripts/sample_session.json', 'simonw-transcripts/sample_session.jsonl', 'spotter/short.jsonl', 'spotter/subagent.jsonl', 'spotter/tool_heavy.jsonl', 'spotter/6c2214d7-b87e-4432-8e41-22ba294ea584/subagents/agent-afc096d.jsonl'].map((name) => ({
    name,
    path: samples + name,
  })),
];

/* ---- What the lines say ---- */

interface RawCall {
  readonly id: string;
  readonly tool: string;
  readonly session: string;
  /** `file:line`, from 1. */
  readonly asked: string;
  readonly answered: string | null;
  readonly isError: boolean;
}

// oxlint-disable-next-line no-explicit-any -- Lines of a foreign format, looked at as they are.
type Raw = any;

/** A record a line; in the one file that is a document, the records of its list. */
const rawLinesOf = (path: string): readonly Raw[] =>
  path.endsWith('.json')
    ? JSON.parse(readFileSync(path, 'utf8')).loglines
    : readFileSync(path, 'utf8')
        .split('\n')
        .map((text) => (text === '' ? null : JSON.parse(text)));

/** A document is named by its file alone. */
const sessionOf = (line: Raw, name: string): string => line.sessionId ?? basename(name, '.json');

function readCalls(): readonly RawCall[] {
  const calls = new Map<string, RawCall>();
  for (const { name, path } of files)
    for (const [index, line] of rawLinesOf(path).entries()) {
      // A sub-agent's messages also stand in the progress lines of its caller.
      const content = line?.message?.content ?? line?.data?.message?.message?.content;
      for (const block of Array.isArray(content) ? content : []) {
        const known = calls.get(block.id ?? block.tool_use_id);
        if (block.type === 'tool_use' && known === undefined) calls.set(block.id, { id: block.id, tool: block.name, session: sessionOf(line, name), asked: `${name}:${index + 1}`, answered: null, isError: false });
        if (block.type === 'tool_result' && known?.answered === null) calls.set(block.tool_use_id, { ...known, answered: `${name}:${index + 1}`, isError: block.is_error === true });
      }
    }
  return [...calls.values()];
}

const calls = readCalls();
const sessions = [...new Set(files.flatMap(({ name, path }) => rawLinesOf(path).flatMap((line) => (line?.message === undefined ? [] : [sessionOf(line, name)]))))];
const callsOf = (session: string): readonly RawCall[] => calls.filter((call) => call.session === session);
/** Of a long session the calls that failed and every fortieth. */
const someCallsOf = (session: string): readonly RawCall[] => callsOf(session).filter(({ isError }, index, all) => isError || all.length < 20 || index % 40 === 0);

/* ---- The same files, imported ---- */

let travel: OpenedTravel;
let parts: DebuggerParts;
const eventsOf = new Map<string, readonly EventEnvelope[]>();
const stream = (session: string): string => `session/${session}`;
const lineOf = ({ metadata }: EventEnvelope): string => {
  const { file, line } = metadata['source'] as { readonly file: string; readonly line: number };
  return `${file}:${line}`;
};

beforeAll(async () => {
  travel = await openTravel();
  const { log, search, installation } = travel.store;
  await importFiles({ log, search, installation }, { producer: 'claude-code', files: files.map(({ name, path }) => ({ name, open: () => createReadStream(path) })) });
  parts = { ...travel.parts, clock: log.ports.clock };
  for (const session of sessions) eventsOf.set(session, await travel.events(stream(session)));
}, 60_000);
afterAll(() => travel.store.close());

const eventAt = (session: string, revision: number): EventEnvelope => eventsOf.get(session)![revision - 1]!;

test('the lines have 290 calls in 11 sessions, one of which makes none; 1 call is without an answer, 16 are answered with an error', () => {
  expect([calls.length, sessions.length, calls.filter(({ answered }) => answered === null).length, calls.filter(({ isError }) => isError).length]).toEqual([290, 11, 1, 16]);
});

describe.each(sessions)('session %s', (session) => {
  test('coverage lists the calls that the lines never answer', async () => {
    const { startsWithoutEnd } = await coverage(travel.parts, addressOf(stream(session)), { kind: 'end' }, { itemsMax: 1_000 });
    const open = startsWithoutEnd.items.flatMap(({ entityType, entityId }) => (entityType === 'tool_call' ? [entityId] : []));
    expect(open.toSorted()).toEqual(callsOf(session).flatMap(({ id, answered }) => (answered === null ? [id] : [])).toSorted());
  });

  test('flips say of every call where it began to run and where it ended, at the lines of the file', async () => {
    for (const { id, asked, answered, isError } of someCallsOf(session)) {
      const found: unknown[] = [];
      for await (const { to, revision } of flips(travel.parts, addressOf(stream(session)), `state.toolCalls.get("${id}", {}).get("status", "") == "running"`)) found.push([to, lineOf(eventAt(session, revision))]);
      expect([id, found]).toEqual([id, [[true, asked], ...(answered === null ? [] : [[false, answered]])]]);
      const failed: unknown[] = [];
      for await (const { to, revision } of flips(travel.parts, addressOf(stream(session)), `state.toolCalls.get("${id}", {}).get("status", "") == "failed"`)) failed.push([to, lineOf(eventAt(session, revision))]);
      expect([id, failed]).toEqual([id, isError ? [[true, answered]] : []]);
    }
  });

  test('blame of each call that failed begins at a call that failed, over recorded edges', async () => {
    const failed = callsOf(session).filter(({ isError }) => isError);
    for (const { id, answered } of failed) {
      const { revision } = eventsOf.get(session)!.find(({ type, entityId }) => type === 'tool_call.failed' && entityId === id)!;
      expect(lineOf(eventAt(session, revision))).toBe(answered);
      const { target, targetReason, firstBad, suspects } = await blame(travel.parts, addressOf(stream(session)), { kind: 'revision', revision }, { inferred: false });
      expect([target!.revision, targetReason, suspects.some(({ event }) => event.revision === revision)]).toEqual([revision, 'at_place', true]);
      const first = eventAt(session, firstBad!.event.revision);
      expect([failed.map((call) => call.id).includes(first.entityId), firstBad!.chain.every(({ kind }) => kind === 'recorded')]).toEqual([true, true]);
    }
  });

  async function stopsOf(lines: readonly string[]): Promise<readonly { readonly line: string | null; readonly reason: string }[]> {
    const debug = await createDebugger(parts, addressOf(stream(session)));
    await debug.start();
    const results: CommandResult[] = [];
    for await (const { result } of runScript(debug, parseScript(lines.join('\n')), parts)) results.push(result);
    return results.flatMap((result) => (result.kind === 'stop' ? [{ line: result.stop.event === null ? null : lineOf(result.stop.event), reason: result.stop.reason }] : []));
  }

  test('a script stops at the lines of the answers with an error, forward and backward', async () => {
    const raw = callsOf(session).filter(({ isError }) => isError).map(({ answered }) => answered);
    const stops = await stopsOf(['break tool_call.failed', ...raw.map(() => 'c'), 'c', ...raw.map(() => 'rc'), 'rc']);
    expect(stops.filter(({ reason }) => reason === 'breakpoint').map(({ line }) => line)).toEqual([...raw, ...raw.toReversed()]);
  });

  test('a script steps from each question to its answer and back', async () => {
    for (const { id, asked, answered } of someCallsOf(session)) {
      const { revision } = eventsOf.get(session)!.find(({ type, entityId }) => type === 'tool_call.started' && entityId === id)!;
      const [at, forth, back] = await stopsOf([`g ${revision}`, 's call', 'b call']);
      expect([id, at!.line, forth]).toEqual([id, asked, answered === null ? { line: asked, reason: 'no_answer' } : { line: answered, reason: 'step' }]);
      if (answered !== null) expect(back).toEqual({ line: asked, reason: 'step' });
    }
  });

  test('assertions of a script hold for the status that the lines give each call', async () => {
    const debug = await createDebugger(parts, addressOf(stream(session)));
    await debug.start({ kind: 'end' });
    const script = callsOf(session).map(({ id, answered, isError }) => `assert state.toolCalls["${id}"].status == "${answered === null ? 'running' : isError ? 'failed' : 'completed'}"`);
    const run = runScript(debug, parseScript(script.join('\n')), parts);
    let next = await run.next();
    while (next.done !== true) next = await run.next();
    expect(next.value).toEqual({ ok: true, assertions: callsOf(session).length, failed: 0, refused: null });
  });
});
