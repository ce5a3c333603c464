/** A rehearsal says what an append would say, and leaves nothing behind. */
import { createCatalogRegistry } from '@refold/catalog';
import { LogError } from '@refold/core';
import type { EventInput, JsonObject } from '@refold/core';
import { appendEvents, validateEvents } from '@refold/operations';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openWorld } from './world.ts';

const kinds = createCatalogRegistry();
const job = (type: string, more: Partial<EventInput> = {}): EventInput => ({ type: `job.${type}`, streamType: 'job', streamId: '1', actor: { type: 'system', id: 'ci' }, data: {}, ...more });

const steps = fc.array(
  fc.record({
    type: fc.constantFrom('job.created', 'job.started', 'job.failed', 'job.completed', 'job.cancelled', 'no.such_type', 'orchestration.started', 'orchestration.paused'),
    data: fc.constantFrom<JsonObject>({}, { name: 7 }, { reason: 'no' }, { error: { message: 'lint' } }),
  }),
  { maxLength: 12 },
);
const eventOf = ({ type, data }: { readonly type: string; readonly data: JsonObject }): EventInput => ({ ...job('x'), type, data, ...(type.startsWith('orch') ? { streamType: 'orchestration', streamId: 'PROJ-1' } : {}) });

describe('validateEvents', () => {
  test('A-104 whatever the streams hold, it finds nothing exactly when the append is taken, names the code of its refusal, and writes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const world = await openWorld({ kinds });
        for (const input of given.map(eventOf)) {
          const before = await world.log.head();
          const { ok, results } = await world.call(validateEvents, { events: [input] });
          expect(await world.log.head()).toEqual(before);
          const refusal = await world.call(appendEvents, { events: [input] }).then(
            () => null,
            (error: unknown) => error,
          );
          expect(ok).toBe(refusal === null);
          if (refusal instanceof LogError) expect(results[0]!.violations.map(({ code }) => code)).toContain(refusal.code);
        }
        await world.log.close();
      }),
      { numRuns: 60 },
    );
  });

  test('each event of a batch follows the sound ones before it; one that is refused leaves the state as it was', async () => {
    const world = await openWorld({ kinds });
    await world.append(job('created'));
    const { results } = await world.call(validateEvents, { events: [job('started'), job('created'), job('completed'), job('started')] });
    expect(results.map(({ violations }) => violations.map(({ code }) => code))).toEqual([[], ['ILLEGAL_TRANSITION'], [], ['ILLEGAL_TRANSITION']]);
    expect((await world.log.stream('job/1'))?.revision).toBe(1);
  });

  test('what is in the log already is sound, by its own ids or by the key of its commit; other content under them is not', async () => {
    const world = await openWorld({ kinds });
    const id = '00000000-0000-4000-8000-000000000001';
    const [known, keyed] = [job('created', { id }), job('created', { streamId: '2' })];
    await world.call(appendEvents, { events: [known] });
    await world.call(appendEvents, { events: [keyed], commitId: 'k' });
    const isSound = async (input: object): Promise<boolean> => (await world.call(validateEvents, input)).ok;
    expect([await isSound({ events: [known] }), await isSound({ events: [keyed], commitId: 'k' }), await isSound({ events: [keyed] })]).toEqual([true, true, false]);
    expect([await isSound({ events: [job('created', { id, data: { name: 'other' } })] }), await isSound({ events: [job('created', { streamId: '3' })] })]).toEqual([false, true]);
  });

  test('against the rules alone an event may stand anywhere', async () => {
    const world = await openWorld({ kinds });
    expect((await world.call(validateEvents, { events: [job('started')], against: 'rules' })).ok).toBe(true);
    expect((await world.call(validateEvents, { events: [job('started')] })).ok).toBe(false);
  });

  test('what a state does not decide is judged too: a blob that is not there, an address that is none, a size', async () => {
    const world = await openWorld({ kinds, limits: { eventBytesMax: 1_000 } });
    const blob = { $blob: { sha256: 'a'.repeat(64), bytes: 3 } };
    const { results } = await world.call(validateEvents, { events: [job('created', { data: { blob } }), job('created', { streamId: '\u0000' }), job('created', { streamId: '3', data: { name: 'x'.repeat(2_000) } })] });
    expect(results.map(({ violations }) => violations[0]?.code)).toEqual(['PRECONDITION_FAILED', 'BAD_STREAM_ADDRESS', 'TOO_LARGE']);
  });
});
