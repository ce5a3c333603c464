/** Expressions that strangers write, at every place of the REST door that takes one. */
import { describe, expect, test } from 'vitest';
import { appendSmallRun, startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

interface Surface {
  readonly name: string;
  /** Whether the answer must be true or false. */
  readonly isCondition: boolean;
  ask(world: World, expression: string): Promise<Answer>;
}

const run = '/api/v1/streams/orchestration/PROJ-1';
const sessions = '/api/v1/debug/sessions';
const inSession =
  (path: string, field: string): Surface['ask'] =>
  async (world, expression) =>
    await world.post(`${sessions}/${(await world.post(`${sessions}/start`, { aggregateId: 'PROJ-1' })).body.sessionId}${path}`, { [field]: expression });

const surfaces: readonly Surface[] = [
  { name: 'a filter', isCondition: true, ask: (world, expression) => world.call(`/api/v1/events?expression=${encodeURIComponent(expression)}`) },
  { name: 'flips', isCondition: true, ask: (world, expression) => world.call(`${run}/flips?expression=${encodeURIComponent(expression)}`) },
  { name: 'blame', isCondition: true, ask: (world, expression) => world.call(`${run}/blame?expect=${encodeURIComponent(expression)}`) },
  { name: 'a breakpoint', isCondition: true, ask: inSession('/breakpoints', 'condition') },
  { name: 'a flip breakpoint', isCondition: true, ask: inSession('/breakpoints', 'flip') },
  { name: 'an invariant breakpoint', isCondition: true, ask: inSession('/breakpoints', 'invariant') },
  { name: 'a watch', isCondition: false, ask: inSession('/watches', 'expression') },
];

/** Each of these places refuses the expression, and all that every bad input asserts holds: the process lives, nothing was stored, nothing of the inside is told. */
async function expectRefused(at: readonly Surface[], expression: string, details: object): Promise<void> {
  const world = await startWorld();
  await appendSmallRun(world);
  const before = await world.log.head();
  for (const { name, ask } of at) {
    const { status, text, body } = await ask(world, expression);
    expect([name, status, body]).toMatchObject([name, 422, { code: 'BAD_EXPRESSION', details, requestId: expect.any(String) as string, detail: expect.any(String) as string }]);
    expect(text).not.toMatch(/\/packages\/|node_modules| {4}at |file:\/\//);
  }
  expect((await world.call('/api/v1/health')).status).toBe(200);
  expect(await world.log.head()).toEqual(before);
}

const loops = ['a', 'b', 'c', 'd', 'e', 'f'].reduceRight((inner, name) => `event.data.list.all(${name}, ${inner})`, 'a + b + c + d + e + f >= 0');

describe('a filter, flips, blame, breakpoints and watches refuse', () => {
  test.each([
    ['bad-input C1: half an expression', '1 +', { reason: 'syntax', line: 1, column: 4 }],
    ['bad-input C1: a fault on the second line', 'type ==\n  &&', { reason: 'syntax', line: 2 }],
    ['bad-input C2: a name that is not there', 'nowhere == 1', { reason: 'unknown_name', name: 'nowhere', line: 1, column: 1 }],
    ['bad-input C6: 2 KiB and more', `type == "${'x'.repeat(2_048)}"`, { reason: 'size', unit: 'bytes' }],
    ['bad-input C6: 201 nodes', Array.from({ length: 101 }, () => 'true').join(' && '), { reason: 'size', unit: 'nodes' }],
    ['bad-input C7: 10^9 steps', loops, { reason: 'cost' }],
    ['bad-input C9: __proto__', 'event.__proto__ == null', { reason: 'unknown_name', name: '__proto__' }],
    ['bad-input C9: constructor', 'event.constructor == null', { reason: 'unknown_name', name: 'constructor' }],
    ['bad-input C9: this', 'this == null', { reason: 'unknown_name', name: 'this' }],
    ['bad-input C9: process', 'process == null', { reason: 'unknown_name', name: 'process' }],
    ['bad-input C10: an emoji in a name', 'ev\u{1F600}ent.type == "a"', { reason: 'syntax' }],
    ['bad-input C10: a mark of direction in a name', 'event.\u202Etype == "a"', { reason: 'syntax' }],
  ])('%s', async (_row, expression, details) => {
    await expectRefused(surfaces, expression, details);
  });
});

test.each([['1'], ['"text"'], ['size(event.data)']])('bad-input C3: where true or false is asked for, %s is refused', async (expression) => {
  await expectRefused(surfaces.filter(({ isCondition }) => isCondition), expression, { reason: 'type' });
});

describe('what cannot be evaluated over an event', () => {
  const ask = async (path: string): Promise<Answer> => {
    const world = await startWorld();
    await appendSmallRun(world);
    return await world.call(path);
  };

  test('bad-input C5: is no match for a filter, and the answer says of how many', async () => {
    const { body } = await ask(`/api/v1/events?expression=${encodeURIComponent('event.data.text == "a note"')}`);
    expect(body.items.map(({ type }: { type: string }) => type)).toEqual(['custom.noted']);
    expect(body.warnings).toEqual(['The expression could not be evaluated for 2 of the events looked at, which count as no match; at the first: There is no "event.data.text" here.']);
    expect((await ask(`/api/v1/events?expression=${encodeURIComponent('event.data.get("text", "") == "a note"')}`)).body).not.toHaveProperty('warnings');
  });

  test.each(['/api/v1/events/stats', '/api/v1/events/timeline', '/api/v1/agents/metrics'])('bad-input C5: is told by %s as well', async (path) => {
    const world = await startWorld();
    await appendSmallRun(world);
    await world.post('/api/v1/events', { type: 'agent_run.spawned', streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 'sess-1', actor: { type: 'agent', id: 'lead' }, data: { agent_name: 'coder' } });
    const { status, body } = await world.call(`${path}?expression=${encodeURIComponent('event.data.nope == 1')}`);
    expect([status, body.warnings]).toEqual([200, [expect.stringContaining('There is no "event.data.nope" here.') as string]]);
  });

  test('bad-input C5: is unknown to flips, an error beside a watch, and counted at a breakpoint that stops nothing', async () => {
    const world = await startWorld();
    await appendSmallRun(world);
    const flips = (await world.call(`${run}/flips?expression=${encodeURIComponent('event.data.phase == "build"')}`)).body;
    expect(flips).toMatchObject({ items: [{ kind: 'first', revision: 2, to: true }, { kind: 'unknown', revision: 3, to: 'unknown' }], summary: { unknown: 2 } });
    const session = `${sessions}/${(await world.post(`${sessions}/start`, { aggregateId: 'PROJ-1' })).body.sessionId}`;
    expect((await world.post(`${session}/watches`, { expression: 'event.data.text' })).body).toMatchObject({ value: null, error: 'There is no "event.data.text" here.' });
    await world.post(`${session}/breakpoints`, { condition: 'event.data.nope == 1' });
    expect((await world.post(`${session}/resume`, {})).body).toMatchObject({ state: 'completed', reason: 'end' });
    expect((await world.call(session)).body.breakpoints).toMatchObject([{ hits: 0, notEvaluated: 3, lastError: 'There is no "event.data.nope" here.' }]);
  });

  test.each([['1 / 0 == 1'], ['9223372036854775807 + 1 > 0']])('neither is %s a crash', async (expression) => {
    const { status, body } = await ask(`/api/v1/events?expression=${encodeURIComponent(expression)}`);
    expect([status, body.items]).toEqual([200, []]);
    expect(body.warnings).toHaveLength(1);
  });

  test('bad-input C8: a pattern that would hold up a backtracking matcher is answered', async () => {
    const world = await startWorld();
    await world.post('/api/v1/events', { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text: `${'a'.repeat(50_000)}!` } });
    const { status, body } = await world.call(`/api/v1/events?expression=${encodeURIComponent('event.data.text.matches("^(a+)+$")')}`);
    expect([status, body.items, body.warnings]).toEqual([200, [], undefined]);
  });
});
