/**
 * The case the time machine is for, at the doors: every call of a run succeeds, one early agent told a wrong value, and the run
 * fails three agents later. Nothing in the record is bad but the end. Some causes were never recorded.
 */
import { blameOf, divergenceOf } from '@refold/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConsole } from './console.ts';
import type { Console } from './console.ts';

let console: Console;
beforeAll(async () => {
  console = openConsole();
  console.write('runs.jsonl', [...runOf('PROJ-119', 'https://api.example/v2/users'), ...runOf('PROJ-123', 'https://api.example/v1/users')].map((event) => JSON.stringify(event)).join('\n'));
  for (const line of ['init', 'append --batch runs.jsonl']) {
    const { exitCode, stderr } = await console.run(line);
    if (exitCode !== 0) throw new Error(`${line}: ${stderr}`);
  }
});
afterAll(() => console.close());

/** Explore finds a contract, plan and code use it. The coder's producer does not say what made it start. */
function runOf(issue: string, contract: string): readonly object[] {
  const isGood = contract.includes('v2');
  const id = (step: number): string => `00000000-0000-4000-8000-${issue.slice(-3).padStart(9, '0')}${String(step).padStart(3, '0')}`;
  const steps: readonly (readonly [agent: string, type: string, data: object])[] = [
    ['lead', 'orchestration.started', { summary: `Work on ${issue}` }],
    ['explorer', 'agent_run.spawned', { agent_name: 'explorer', agent_run_id: 'explorer-run', assigned_task: 'find the contract' }],
    ['explorer', 'agent_run.completed', { agent_name: 'explorer', agent_run_id: 'explorer-run', quality_score: 0.9, result: contract }],
    ['planner', 'agent_run.spawned', { agent_name: 'planner', agent_run_id: 'planner-run', assigned_task: 'plan' }],
    ['planner', 'agent_run.completed', { agent_name: 'planner', agent_run_id: 'planner-run', quality_score: 0.9, result: `call ${contract} for every user` }],
    ['coder', 'agent_run.spawned', { agent_name: 'coder', agent_run_id: 'coder-run', assigned_task: 'write it' }],
    ['coder', 'agent_run.completed', { agent_name: 'coder', agent_run_id: 'coder-run', quality_score: 0.9, result: `120 lines for ${contract}` }],
    isGood ? ['lead', 'orchestration.completed', { summary: 'done' }] : ['lead', 'orchestration.failed', { reason: 'Expected User, got unknown' }],
  ];
  return steps.map(([agent, type, data], index) => ({
    id: id(index + 1),
    type,
    issueKey: issue,
    sessionId: `session-of-${issue}`,
    streamType: 'orchestration',
    streamId: issue,
    actor: { type: 'agent', id: agent },
    data,
    ...(index === 0 || index === 5 ? {} : { causationId: id(index) }),
  }));
}

describe('a cascade in which every call succeeds', () => {
  test('blame against the good run puts the event of the agent that was wrong first, with the kind of each edge', async () => {
    const { stdout, exitCode } = await console.run('blame PROJ-123 --against PROJ-119 --exit-code');
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^first bad {2}@3 agent_run\.completed {2}Agent explorer completed/);
    expect(lines[1]).toMatch(/^ {2}first difference, \d hops$/);
    expect(lines[2]).toBe('  asked about: @8 orchestration.failed (the run failed)');
    const chain = lines.slice(4).filter((line) => line.startsWith('  > '));
    expect(chain.at(-1)).toMatch(/^ {2}> @8 orchestration\.failed/);
    expect(chain.filter((line) => !/\((?:recorded|inferred, \d\.\d: )/.test(line))).toEqual([]);
    expect(chain.some((line) => line.includes('(inferred, ')) && chain.some((line) => line.includes('(recorded'))).toBe(true);
    expect(exitCode).toBe(1);
  });

  test('divergence stops at the same event, and both say so as data', async () => {
    const divergence = (await console.run('divergence PROJ-123 PROJ-119 --json')).json<{ first: { eventId: string; atRevision: number; kind: string; path: string } }>();
    const blame = (await console.run('blame PROJ-123 --against PROJ-119 --json')).json<{ firstBad: { event: { eventId: string; actor: { id: string } }; basis: string; isConnected: boolean; chain: { kind: string; strength: number }[] } }>();
    expect([divergenceOf.output.safeParse(divergence).success, blameOf.output.safeParse(blame).success]).toEqual([true, true]);
    expect(divergence.first).toMatchObject({ atRevision: 3, kind: 'output', path: '/result' });
    expect(blame.firstBad).toMatchObject({ event: { eventId: divergence.first.eventId, actor: { id: 'explorer' } }, basis: 'divergence', isConnected: true });
    const { chain } = blame.firstBad;
    expect([...new Set(chain.map(({ kind }) => kind))].toSorted()).toEqual(['inferred', 'recorded']);
    // What is recorded is certain, what is inferred is never told as certain.
    expect(chain.filter(({ kind, strength }) => (kind === 'recorded') !== (strength === 1))).toEqual([]);
    expect((await console.run('divergence PROJ-123 PROJ-119')).stdout).toMatch(/^first difference {3}A @3 {3}B @3 {3}output\n/);
  });

  test('without the good run nothing is bad but the end; an expectation finds the agent as well', async () => {
    expect((await console.run('blame PROJ-123')).stdout).toMatch(/^first bad {2}@8 orchestration\.failed/);
    expect((await console.run(`blame PROJ-123 --expect '!(has(event.data.result) && string(event.data.result).contains("/v1/"))'`)).stdout).toMatch(/^first bad {2}@3 agent_run\.completed/);
  });
});
