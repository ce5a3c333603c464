import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { nodeHasher } from '../../test/node-hasher.ts';
import { partsOver } from '../../test/debug-world.ts';
import { arbitraryHistory, event, minute, registry, voyageId } from '../../test/voyage.ts';
import { createDebugger } from '../debug/create-debugger.ts';
import type { Packer } from '../ports.ts';
import type { Place } from '../log/place.ts';
import { reconstruct } from '../travel/reconstruct.ts';
import type { TravelParts } from '../travel/reconstruct.ts';
import { readerOver } from '../travel/stream-reader.ts';
import type { StreamReader } from '../travel/stream-reader.ts';
import { createFold } from './fold.ts';
import type { Fold } from './fold.ts';
import { createKeyframeIndex } from './keyframe-index.ts';

const fold = createFold(registry);
const address = { streamType: 'voyage', streamId: voyageId };
const beside = (base: Uint8Array | undefined) => (base === undefined ? {} : { dictionary: zstdDecompressSync(base) });
const packer: Packer = { pack: (text, base) => zstdCompressSync(text, beside(base)), unpack: (packed, base) => zstdDecompressSync(packed, beside(base)).toString('utf8') };
const note = (revision: number) => event(revision, 'note.added', { text: `note ${revision}` });

describe('keyframes kept between questions', () => {
  it.each([['as text', undefined], ['packed', packer]] as const)('%s give at every place, in any order, the naive fold', async (_name, packing) => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(40), fc.array(fc.tuple(fc.nat(40), fc.boolean()), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 6 }), async (events, asked, every) => {
        const keyframes = createKeyframeIndex({ packer: packing, limits: { keyframeEveryEvents: every, keyframesHeldPerStreamMax: 4 } });
        const parts: TravelParts = { reader: readerOver(events, 5), fold, hasher: nodeHasher, keyframes };
        for (const [wanted, byTime] of asked) {
          const place: Place = byTime ? { kind: 'instant', at: minute(wanted) } : { kind: 'revision', revision: Math.min(wanted, events.length) };
          const [near, naive] = [await reconstruct(parts, address, place), await reconstruct(parts, address, place, { useSnapshots: false })];
          expect([near.state, near.stateHash, near.stragglers]).toEqual([naive.state, naive.stateHash, naive.stragglers]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are remembered for streams that are long enough to have one, and for no others', () => {
    const index = createKeyframeIndex({ limits: { keyframeEveryEvents: 20 } });
    expect(index.of('voyage/long', 20)).toBe(index.of('voyage/long', 21));
    expect(index.of('voyage/short', 19)).not.toBe(index.of('voyage/short', 19));
  });

  it('leave a short fold to every place once the history was folded, and none of it is read again', async () => {
    const events = Array.from({ length: 400 }, (_, index) => note(index + 1));
    const read: number[] = [];
    const whole = readerOver(events, 50);
    const reader: StreamReader = {
      ...whole,
      async *pages(stream, range) {
        for await (const page of whole.pages(stream, range)) {
          read.push(page.length);
          yield page;
        }
      },
    };
    const parts: TravelParts = { reader, fold, hasher: nodeHasher, keyframes: createKeyframeIndex({ packer, limits: { keyframeEveryEvents: 20, keyframesHeldPerStreamMax: 32 } }) };
    expect((await reconstruct(parts, address, { kind: 'end' })).eventsFolded).toBe(400);
    for (const revision of [399, 21, 240, 333]) {
      read.length = 0;
      const { eventsFolded, fromSnapshot, state } = await reconstruct(parts, address, { kind: 'revision', revision });
      expect(eventsFolded).toBeLessThan(20);
      expect([fromSnapshot, state['log']]).toEqual([revision - eventsFolded, events.slice(0, revision).map(({ data }) => data['text'])]);
      expect(read.reduce((sum, count) => sum + count, 0)).toBe(eventsFolded);
    }
  });

  it('serve a debugger too, which then walks from them', async () => {
    const events = Array.from({ length: 300 }, (_, index) => note(index + 1));
    const keyframes = createKeyframeIndex({ limits: { keyframeEveryEvents: 16 } });
    let folded = 0;
    const counting: Fold = {
      ...fold,
      evolveDraft(...step) {
        folded++;
        return fold.evolveDraft(...step);
      },
    };
    const parts = { ...partsOver(events), fold: counting, keyframes };
    await reconstruct(parts, address, { kind: 'end' });
    const session = await createDebugger(parts, address);
    folded = 0;
    expect(await session.stateAt(211)).toEqual(fold.foldAll(events.slice(0, 211), { from: fold.initial('voyage', voyageId) }));
    expect(folded).toBeLessThan(16);
  });

  it('begin at the distance that the length of the stream asks for, and are bounded in bytes over all streams', () => {
    const index = createKeyframeIndex({ limits: { keyframeEveryEvents: 10, keyframesHeldPerStreamMax: 8, keyframeBytesMax: 4_000 } });
    expect([80, 81, 1_000].map((head) => index.of(`voyage/${head}`, head).distance)).toEqual([10, 20, 160]);

    const fill = (stream: string): void => {
      let state = fold.initial('voyage', voyageId);
      for (let revision = 1; revision <= 40; revision++) index.of(stream, 40).offer((state = fold.evolveDraft(state, note(revision))));
    };
    fill('voyage/old');
    fill('voyage/new');
    expect(index.of('voyage/new', 40).count).toBeGreaterThan(0);
    expect(index.of('voyage/old', 40).count).toBe(0);
  });

  it('are forgotten when told, and then nothing of them is used', async () => {
    const index = createKeyframeIndex({ limits: { keyframeEveryEvents: 2 } });
    index.of('voyage/V-1', 9).offer(fold.evolveDraft(fold.initial('voyage', voyageId), note(1)));
    index.forget('voyage/V-1');
    expect(index.of('voyage/V-1', 9).count).toBe(0);
  });
});
