/** Generators for property tests (fast-check). What they make is well-formed for the port; small alphabets make it collide. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Json, JsonObject, Query } from '@refold/core';
import type { EventParts } from './conformance/traffic.ts';

/** Well-formed text, with everything that has bitten somebody: quotes, controls, U+2028, astral characters, look-alike keys. */
export const textArbitrary: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.toWellFormed()),
  fc.constantFrom('', '\u0000', '"\\', '\u2028', '😀', 'café', 'cafe\u0301', '__proto__', 'constructor', '1e3'),
);

/** Finite, and never negative zero, which JSON text does not tell from zero. */
const numberArbitrary: Arbitrary<number> = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((number) => (Object.is(number, -0) ? 0 : number));

/** JSON as the log takes it: finite numbers, no negative zero, well-formed strings, nested at most `depthMax` levels. */
export const jsonArbitrary = (depthMax = 4): Arbitrary<Json> => fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: depthMax, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    numberArbitrary,
    textArbitrary,
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(textArbitrary, tie('json'), { maxKeys: 5 }),
  ),
})).json;

export const jsonObjectArbitrary: Arbitrary<JsonObject> = fc.dictionary(textArbitrary, jsonArbitrary(3), { maxKeys: 6 });

const tagNames = ['a', 'b', 'c', 'd:1', 'D:1', 'é', 'e\u0301'] as const;
const typeNames = ['job.queued', 'job.started', 'job.failed', 'Job.failed'] as const;
export const streamNames = ['job/1', 'job/2', 'job/10', 'JOB/1'] as const;

export const tagsArbitrary: Arbitrary<readonly string[]> = fc.uniqueArray(fc.constantFrom(...tagNames), { maxLength: 4 }).map((tags) => tags.toSorted());

/** What a commit says of an event; ids come from the traffic that makes the commit. */
export const eventPartsArbitrary: Arbitrary<EventParts> = fc.record({
  stream: fc.constantFrom(...streamNames),
  type: fc.constantFrom(...typeNames),
  tags: tagsArbitrary,
  body: fc.uint8Array({ maxLength: 12 }),
});

export const commitPartsArbitrary: Arbitrary<readonly EventParts[]> = fc.array(eventPartsArbitrary, { minLength: 1, maxLength: 5 });

export const queryArbitrary: Arbitrary<Query> = fc.record({
  items: fc.array(
    fc.record({ types: fc.uniqueArray(fc.constantFrom(...typeNames), { maxLength: 2 }), tags: fc.uniqueArray(fc.constantFrom(...tagNames), { maxLength: 2 }) }, { requiredKeys: [] }),
    { maxLength: 3 },
  ),
});
