/** The suite as a list: whole, numbered as the contract numbers it, and without a quiet way around a case. */
import { assertFixture, casesElsewhere, casesFor, conformanceCaseIds, conformanceCases, impossibleCases, noopCapabilities, noopLog, runCase, servedNeeds } from '@refold/testing';
import type { ConformanceCase, Fixture } from '@refold/testing';
import { describe, expect, it } from 'vitest';

const memoryLike: Fixture = { capabilities: { ...noopCapabilities, durability: 'memory', writers: 'one-process', cluster: false, forget: false }, open: async () => noopLog() };

describe('the list of cases', () => {
  it('has every number of the contract from 1 to 118 once, here or named as shown elsewhere', () => {
    const numbers = [...conformanceCaseIds, ...Object.keys(casesElsewhere)].map((id) => Number(id.slice(1)));
    expect(numbers.toSorted((left, right) => left - right)).toEqual(Array.from({ length: 128 }, (_, index) => index + 1));
  });

  it('has groups from A to P that count upward within the group', () => {
    const groups = Map.groupBy(conformanceCaseIds, (id) => id.slice(0, 1));
    expect([...groups.keys()].toSorted()).toEqual('ABCDEFGHIJKLMNOP'.split(''));
    for (const ids of groups.values()) expect(ids).toEqual(ids.toSorted((left, right) => Number(left.slice(1)) - Number(right.slice(1))));
  });

  it('leaves out for a log in memory exactly what needs a restart, another process, a server, or forgetting', () => {
    const left = new Set(casesFor(memoryLike));
    const out = conformanceCases.filter((testCase) => !left.has(testCase));
    expect(out.every((testCase) => (testCase.needs ?? []).length > 0)).toBe(true);
    expect([...left].every((testCase) => (testCase.needs ?? []).length === 0)).toBe(true);
    expect(out.length + left.size).toBe(conformanceCases.length);
  });
});

describe('a fixture', () => {
  it('must give every hook that its capabilities ask for', () => {
    expect(() => assertFixture(memoryLike)).not.toThrow();
    const durable: Fixture = { ...memoryLike, capabilities: { ...memoryLike.capabilities, durability: 'fsync', writers: 'one-host' } };
    expect(() => assertFixture(durable)).toThrow('restart, process, tearTail, openOnFullDisk, backUp, openReadOnly, storedBytes, tamper, connections');
    expect(() => assertFixture({ ...memoryLike, capabilities: noopCapabilities })).toThrow('backend, cluster');
  });

  it('may say why its engine cannot have a fault, and the reason is told with the case', () => {
    const impossible = { impossible: 'no files' };
    const fixture: Fixture = {
      ...memoryLike,
      capabilities: { ...memoryLike.capabilities, durability: 'fsync', forget: true },
      reopen: memoryLike.open,
      process: { module: 'file:///none', argument: (name) => name },
      harm: { tearTail: impossible, openOnFullDisk: impossible, backUp: impossible, openReadOnly: impossible, storedBytes: impossible, tamper: impossible },
    };
    assertFixture(fixture);
    expect(impossibleCases(fixture).map(({ id, reason }) => `${id} ${reason}`)).toEqual(['J99', 'J100', 'J103', 'J105', 'L113', 'M118'].map((id) => `${id} no files`));
    expect(casesFor(fixture).map(({ id }) => id)).not.toContain('J99');
    expect(servedNeeds(fixture.capabilities).has('backend')).toBe(false);
  });
});

describe('running a case', () => {
  const endless: ConformanceCase = { id: 'X1', claim: 'never ends', timeoutMs: 20, run: () => new Promise(() => {}) };

  it('bounds it in time and names the seed that brings a failure back', async () => {
    await expect(runCase(memoryLike, endless, { seed: 42 })).rejects.toThrow(/X1: nothing after 20 ms\n.*REFOLD_CONFORMANCE_SEED=42/);
  });

  it('gives the same traffic for the same seed, and another for another case', async () => {
    const idOf = async (id: string, seed: number): Promise<string> => {
      let made = '';
      await runCase(memoryLike, { id, claim: 'makes an id', run: async ({ traffic }) => void (made = traffic.commit().id) }, { seed });
      return made;
    };
    expect(await idOf('X1', 1)).toBe(await idOf('X1', 1));
    expect(await idOf('X1', 1)).not.toBe(await idOf('X2', 1));
    expect(await idOf('X1', 1)).not.toBe(await idOf('X1', 2));
  });

  it('closes what the case opened, whatever its end', async () => {
    let closed = 0;
    const fixture: Fixture = { ...memoryLike, open: async () => ({ ...noopLog(), close: async () => void (closed += 1) }) };
    await expect(runCase(fixture, { id: 'X1', claim: 'fails', run: async ({ open }) => { await open(); await open(); throw new Error('no'); } }, { seed: 1 })).rejects.toThrow('no');
    expect(closed).toBe(2);
  });
});
