/**
 * The case the time machine is for: every call succeeds, one early agent returned a wrong value, and the run fails three
 * agents later. Two runs through the built-in catalogue, one good and one bad, written through the log.
 */
import { blame, coverage, divergence, flips, fork, stateDivergence } from '@refold/core';
import type { Suspect } from '@refold/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, openTravel } from './open-travel.ts';
import type { OpenedTravel } from './open-travel.ts';

const good = 'orchestration/PROJ-119';
const bad = 'orchestration/PROJ-123';
const end = { kind: 'end' } as const;

let travel: OpenedTravel;
beforeAll(async () => {
  travel = await openTravel();
  await work(good, 'https://api.example/v2/users');
  await work(bad, 'https://api.example/v1/users');
});
afterAll(() => travel.store.close());

/** Explore finds a contract; plan and code use it. Only with the newer contract do the tests pass. */
async function work(stream: string, contract: string): Promise<void> {
  const issue = addressOf(stream).streamId;
  const isGood = contract.includes('v2');
  let cause: string | undefined;
  const say = async (type: string, data: Record<string, string | number | boolean>, agent: string): Promise<void> => {
    cause = await travel.append(stream, { type, data, issueKey: issue, sessionId: `session-of-${issue}`, actor: { type: 'agent', id: agent }, ...(cause === undefined ? {} : { causationId: cause }) });
  };
  await say('orchestration.started', { summary: `Work on ${issue}` }, 'lead');
  await say('phase.started', { phase: 'EXPLORE' }, 'lead');
  await agentRun('explorer', { contract });
  await say('phase.completed', { phase: 'EXPLORE' }, 'lead');
  await say('phase.started', { phase: 'CODE' }, 'lead');
  await agentRun('planner', { plan: `call ${contract} for every user` });
  await agentRun('coder', { client: contract, lines: 120 });
  await say('decision.recorded', { decision_id: 'd-1', decision: isGood ? 'ship it' : 'tests disagree with the contract' }, 'lead');
  await say('phase.completed', { phase: 'CODE' }, 'lead');
  await (isGood ? say('orchestration.completed', { summary: 'done' }, 'lead') : say('orchestration.failed', { reason: 'Expected User, got unknown' }, 'lead'));

  async function agentRun(agent: string, result: Record<string, string | number>): Promise<void> {
    const run = { agent_name: agent, agent_run_id: `${agent}-run` };
    await say('agent_run.spawned', { ...run, assigned_task: `${agent} task` }, agent);
    await say('agent_run.completed', { ...run, quality_score: 0.9, result: JSON.stringify(result) }, agent);
  }
}

const typesOf = ({ chain }: Suspect): readonly string[] => chain.map(({ from, kind, reason }) => `${from.type} ${kind} ${reason}`);

describe('a cascade in which every call succeeds', () => {
  test('diverges from the good run at the output of the agent that was wrong first', async () => {
    const report = await divergence(travel.parts, addressOf(bad), addressOf(good));
    expect(report.first).toMatchObject({ kind: 'output', reason: 'DATA_DIFFERS', path: '/result', run: { type: 'agent_run.completed', place: 'orchestration > phase[1] > agent_run[1]' } });
    expect([report.first!.expected, report.first!.actual].map(String)).toEqual([expect.stringContaining('v2'), expect.stringContaining('v1')]);
    expect(report.compared.equal).toBeGreaterThan(3);
  });

  test('is blamed on that agent, over the whole recorded chain', async () => {
    const { firstBad, target, targetReason, divergence: first } = await blame(travel.parts, addressOf(bad), end, { reference: addressOf(good) });
    expect([target!.type, targetReason]).toEqual(['orchestration.failed', 'stream_failed']);
    expect(firstBad).toMatchObject({ basis: 'divergence', why: null, isConnected: true, strength: 1, event: { type: 'agent_run.completed', actor: { id: 'explorer' } } });
    expect(firstBad!.event.eventId).toBe(first!.eventId);
    expect(firstBad!.hops).toBe(firstBad!.chain.length);
    expect(typesOf(firstBad!)[0]).toBe('agent_run.completed recorded cause');
    expect(firstBad!.chain.at(-1)!.to.type).toBe('orchestration.failed');
  });

  test('is blamed on that agent by an expectation as well', async () => {
    const { firstBad } = await blame(travel.parts, addressOf(bad), end, { expectation: '!(type == "agent_run.completed" && string(event.data.result).contains("/v1/"))' });
    expect(firstBad).toMatchObject({ basis: 'expectation', event: { actor: { id: 'explorer' } } });
  });

  test('without either has nothing bad in it but the failure', async () => {
    const { suspects } = await blame(travel.parts, addressOf(bad), end);
    expect(suspects.map(({ event }) => event.type)).toEqual(['orchestration.failed']);
    expect(await blame(travel.parts, addressOf(good), end)).toMatchObject({ target: null, firstBad: null });
  });

  test('could have gone well: a fork with the other value shows no failure where the last event is left out', async () => {
    const events = await travel.events(bad);
    const failure = events.at(-1)!;
    const { rejected, variant, base } = await fork(travel.parts, addressOf(bad), end, [{ op: 'replace', at: failure.id, event: { type: 'orchestration.completed', data: { summary: 'done' } } }]);
    expect([rejected, base.state['status'], variant.state['status']]).toEqual([[], 'failed', 'completed']);
    expect(await travel.events(bad)).toEqual(events);
  });

  test('is seen whole, and its status flips to failed once', async () => {
    expect(await coverage(travel.parts, addressOf(bad))).toMatchObject({ missingCauses: { count: 0 }, startsWithoutEnd: { count: 0 }, endsWithoutStart: { count: 0 } });
    const found = [];
    for await (const flip of flips(travel.parts, addressOf(bad), 'state.status == "failed"')) found.push([flip.type, flip.from, flip.to]);
    expect(found).toEqual([['orchestration.failed', false, true]]);
  });

  test('is told against a kept state, with the event that set the value', async () => {
    const { state } = (await fork(travel.parts, addressOf(bad), end, [])).base;
    expect(await stateDivergence(travel.parts, addressOf(bad), end, { ...state, status: 'running' })).toMatchObject({ differences: 1, first: { path: '/status', expected: 'running', actual: 'failed', run: { type: 'orchestration.failed' } } });
  });
});
