/** Group P: random commands, answered alike by the driver and by the executable model. A failing run is shrunk and printed. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Check, Commit, LogDriver, ReadRequest, Recorded } from '@refold/core';
import { commitPartsArbitrary, queryArbitrary, streamNames } from '../arbitrary.ts';
import { createLogModel, modelAnswer } from '../model.ts';
import type { LogModel, ModelEvent } from '../model.ts';
import { append, readAll, readSound } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import { bytesOf } from './traffic.ts';
import type { EventParts, Traffic } from './traffic.ts';

/** Plain data, so that it shrinks and prints well. `pick` chooses among what happened before. */
type Command =
  | { readonly do: 'append'; readonly events: readonly EventParts[]; readonly checks: readonly Check[] }
  | { readonly do: 'append again'; readonly pick: number; readonly change: 'nothing' | 'digest' | 'commit id' }
  | { readonly do: 'read'; readonly request: ReadRequest }
  | { readonly do: 'forget'; readonly positions: readonly number[] }
  | { readonly do: 'put'; readonly key: string; readonly value: string | null; readonly expect: 'absent' | 'current' | 'stale' };

const placeArbitrary = fc.integer({ min: 0, max: 14 });

const checkArbitrary: Arbitrary<Check> = fc.oneof(
  fc.record({ kind: fc.constant('stream' as const), stream: fc.constantFrom(...streamNames), expect: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom('none' as const, 'exists' as const)) }),
  fc.record({ kind: fc.constant('query' as const), query: queryArbitrary, after: placeArbitrary }),
  fc.record({ kind: fc.constant('head' as const), at: placeArbitrary }),
);

const requestArbitrary: Arbitrary<ReadRequest> = fc
  .tuple(
    fc.oneof(fc.constant({}), fc.record({ stream: fc.constantFrom(...streamNames) }), fc.record({ query: queryArbitrary })),
    fc.record(
      { after: placeArbitrary, upTo: placeArbitrary, direction: fc.constantFrom('forward' as const, 'backward' as const), limit: fc.integer({ min: 1, max: 5 }), bodies: fc.boolean() },
      { requiredKeys: [] },
    ),
  )
  .map(([selector, bounds]) => ({ ...selector, ...bounds }));

const appendArbitrary: Arbitrary<Command> = fc.record({
  do: fc.constant('append' as const),
  events: commitPartsArbitrary,
  checks: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(checkArbitrary, { minLength: 1, maxLength: 3 })),
});

const againArbitrary: Arbitrary<Command> = fc.record({
  do: fc.constant('append again' as const),
  pick: fc.nat(50),
  change: fc.constantFrom('nothing' as const, 'digest' as const, 'commit id' as const),
});

const putArbitrary: Arbitrary<Command> = fc.record({
  do: fc.constant('put' as const),
  key: fc.constantFrom('x', 'y'),
  value: fc.constantFrom('1', '2', null),
  expect: fc.constantFrom('absent' as const, 'current' as const, 'stale' as const),
});

const commandArbitrary: Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: appendArbitrary },
  { weight: 2, arbitrary: againArbitrary },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), request: requestArbitrary }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), positions: fc.array(placeArbitrary, { maxLength: 3 }) }) },
  { weight: 2, arbitrary: putArbitrary },
);

class Run {
  readonly #driver: LogDriver;
  readonly #model: LogModel = createLogModel();
  readonly #traffic: Traffic;
  readonly #sent: Commit[] = [];
  readonly #revs = new Map<string, number>();

  constructor(driver: LogDriver, traffic: Traffic) {
    this.#driver = driver;
    this.#traffic = traffic;
  }

  async perform(command: Command): Promise<void> {
    switch (command.do) {
      case 'append':
        return this.#append(this.#traffic.commit(command.events, command.checks));
      case 'append again': {
        const commit = this.#sent[command.pick % Math.max(1, this.#sent.length)];
        return commit === undefined ? undefined : this.#append(this.#changed(commit, command.change));
      }
      case 'read': {
        const { events } = await readAll(this.#driver, command.request);
        return assert.deepEqual(events.map(comparable), this.#model.read(command.request).map(comparable));
      }
      case 'forget': {
        // An engine that cannot forget is not asked to.
        if (!this.#driver.capabilities.forget) return;
        return assert.equal(await this.#driver.forget(command.positions, 'test'), this.#model.forget(command.positions));
      }
      case 'put':
        return this.#put(command.key, command.value, command.expect);
    }
  }

  async finish(): Promise<void> {
    assert.deepEqual((await readSound(this.#driver)).map(comparable), this.#model.read({}).map(comparable));
    assert.equal((await this.#driver.head()).position, this.#model.head);
  }

  async #append(commit: Commit): Promise<void> {
    this.#sent.push(commit);
    assert.deepEqual(modelAnswer(await append(this.#driver, commit)), this.#model.append(commit));
  }

  #changed(commit: Commit, change: 'nothing' | 'digest' | 'commit id'): Commit {
    if (change === 'digest') return { ...commit, digest: commit.digest.map((byte) => byte ^ 0xff) };
    return change === 'commit id' ? { ...commit, id: this.#traffic.uuid() } : commit;
  }

  async #put(key: string, value: string | null, expect: 'absent' | 'current' | 'stale'): Promise<void> {
    const current = (await this.#driver.kvGet(key))?.rev;
    // No key of a run gets this far, so it is a rev that was never given.
    const staleRev = 1_000_000;
    const over = { absent: 'absent', stale: staleRev, current: current ?? staleRev } as const;
    const rev = await this.#driver.kvPut(key, value === null ? null : bytesOf(value), over[expect]);
    // Deleting what is not there is nothing that the contract speaks about.
    if (value === null && current === undefined && rev !== 'conflict') return;
    assert.equal(rev !== 'conflict', this.#model.kvPut(key, value, expect === 'current' && current === undefined ? 'stale' : expect));
    if (rev !== 'conflict') assert.ok(rev > (this.#revs.get(key) ?? 0), 'revs rise per key');
    if (rev !== 'conflict') this.#revs.set(key, rev);
    const stored = await this.#driver.kvGet(key);
    assert.equal(stored === null ? null : Buffer.from(stored.value).toString(), this.#model.kvGet(key));
  }
}

function comparable({ id, stream, type, tags, body, position, revision, commit, index, forgotten = false }: Recorded | ModelEvent): object {
  return { id, stream, type, tags: [...tags], body: Buffer.from(body).toString('hex'), position, revision, commit, index, forgotten };
}

export const agreementCases: readonly ConformanceCase[] = [
  {
    id: 'P128',
    claim: 'whatever the commands, the driver answers as the executable model does (property)',
    timeoutMs: 300_000,
    async run({ open, traffic, sizes, random }) {
      const property = fc.asyncProperty(fc.array(commandArbitrary, { minLength: 1, maxLength: 25 }), async (commands) => {
        const { driver } = await open();
        const run = new Run(driver, traffic);
        for (const command of commands) await run.perform(command);
        await run.finish();
      });
      await fc.assert(property, { seed: random.integer(0, 2 ** 31 - 1), numRuns: sizes.propertyRuns * 3 });
    },
  },
];
