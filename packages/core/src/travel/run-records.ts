/**
 * A run as it is compared: its events as small records, each with its place in the agent tree and the hash of its normal
 * form. Payloads are not kept; the few that are shown are read again.
 */
import type { EventEnvelope } from '../log/event.ts';
import type { StreamAddress } from '../log/place.ts';
import { matchesGlob } from '../query/glob.ts';
import type { Registry } from '../schema/registry.ts';
import { createEntityTree, markOf } from './entity-tree.ts';
import type { EntityNode, EventMark } from './entity-tree.ts';
import { createNormalForm } from './ignore-rules.ts';
import type { IgnoreRules, NormalForm } from './ignore-rules.ts';

export interface RunRecord extends EventMark {
  readonly node: EntityNode;
  readonly isStart: boolean;
  readonly isEnd: boolean;
  /** It names a cause. */
  readonly isCaused: boolean;
  /** It is what an effect brought, as its definition says. */
  readonly isOutcome: boolean;
  /** Hash of the normal form of its payload. */
  readonly hash: number;
}

export interface RunReader {
  /** The next event that is compared; null at the end. */
  next(): Promise<RunRecord | null>;
  /** Events read, compared or not. */
  readonly read: number;
  readonly form: NormalForm;
  close(): Promise<void>;
}

/** @param pages  Events of one run in the log's order. */
export function createRunReader(pages: AsyncIterable<readonly EventEnvelope[]>, { streamId }: StreamAddress, registry: Registry, rules: IgnoreRules): RunReader {
  const tree = createEntityTree(registry);
  const form = createNormalForm(rules, tree.knows, streamId);
  const iterator = pages[Symbol.asyncIterator]();
  let page: readonly EventEnvelope[] = [];
  let [index, read] = [0, 0];

  function recordOf(event: EventEnvelope): RunRecord {
    const { node, mark } = tree.place(event);
    const effect = registry.eventType(event.type)?.effect;
    return {
      ...markOf(event),
      node,
      isStart: mark === 'start',
      isEnd: mark === 'end',
      isCaused: event.causationId !== undefined,
      isOutcome: (typeof effect === 'function' ? effect(event.data) : effect) === 'outcome',
      hash: hashOf(JSON.stringify(form.of(event.data, event.type))),
    };
  }

  return {
    get read() {
      return read;
    },
    form,
    async next() {
      for (;;) {
        while (index < page.length) {
          const event = page[index++]!;
          read++;
          // Noise still builds the tree: what stands inside it may not be noise.
          if (isIgnored(event, rules)) tree.place(event);
          else return recordOf(event);
        }
        const result = await iterator.next();
        if (result.done === true) return null;
        [page, index] = [result.value, 0];
      }
    },
    async close() {
      await iterator.return?.();
    },
  };
}

const isIgnored = ({ severity, type }: EventEnvelope, rules: IgnoreRules): boolean =>
  (rules.noise && (severity === 'DEBUG' || severity === 'TRACE')) || rules.types.some((glob) => matchesGlob(glob, type));

/**
 * 53 bits of a text: two rounds of multiply and xor (cyrb53, public domain). Two different payloads at one place are taken
 * for equal with a chance of 1 in 9e15; this compares, it proves nothing.
 */
function hashOf(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
