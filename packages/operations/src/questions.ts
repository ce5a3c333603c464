/** Questions over a history: when did it become true, what if, where do two runs part, which event was first bad, what was not seen. */
import { LogError, blame, coverage, divergence, flips, fork, parseStreamAddress, stateDivergence } from '@refold/core';
import type { Edit, Flip, FlipsSummary, IgnoreRules } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { placeInput, texts, wholeNumber } from './inputs.ts';
import { placeOf } from './places.ts';
import { eventsByIds } from './relations.ts';
import { aboutOneStream, count, instant, json, jsonObject, patch, revision, streamKey } from './shapes.ts';
import { stateView } from './travel.ts';
import { travelParts } from './travel-parts.ts';

const truth = z.union([z.boolean(), z.literal('unknown')]);
const flipRow = z
  .object({
    kind: z.enum(['flip', 'first', 'unknown', 'known']),
    revision,
    eventId: z.string(),
    type: z.string(),
    at: instant,
    from: truth,
    to: truth,
    values: z.record(z.string(), z.object({ before: json, after: json })),
    error: z.string().optional(),
  })
  .meta({ id: 'Flip' });

const flipsMax = 10_000;

export const flipsOf = defineOperation({
  name: 'flips',
  doc: 'Every change of truth of an expression over a stream; unknown is never told as false.',
  scope: 'read',
  ...aboutOneStream,
  input: z.object({ ...streamKey, expression: z.string(), after: wholeNumber.optional(), upTo: wholeNumber.optional() }),
  output: z.object({
    items: z.array(flipRow),
    summary: z.object({ events: count, flips: count, unknown: count, start: truth, end: truth, firstError: z.string().nullable() }),
    truncated: z.boolean(),
  }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/flips' },
  run: async (context, { streamType, streamId, expression, after, upTo }) => {
    if (after !== undefined && upTo !== undefined && after > upTo) throw new LogError('BAD_REQUEST', `The range begins after ${after} and ends with ${upTo}.`, { details: { reason: 'range', pointer: '/after' }, hint: 'Exchange the two.' });
    const search = flips(travelParts(context), { streamType, streamId }, expression, {
      now: context.log.ports.clock.now(),
      ...(after === undefined ? {} : { after }),
      ...(upTo === undefined ? {} : { upTo }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    const items: Flip[] = [];
    for (let step = await search.next(); ; step = await search.next()) {
      if (step.done === true) return { items, summary: step.value satisfies FlipsSummary, truncated: false };
      items.push(step.value);
      if (items.length < flipsMax) continue;
      await search.return({} as FlipsSummary);
      return { items, summary: { events: step.value.revision, flips: items.length, unknown: 0, start: items[0]!.from, end: step.value.to, firstError: null }, truncated: true };
    }
  },
});

const editPlace = z.union([z.number().int().nonnegative(), z.string()]);
const whatIfEvent = z.looseObject({ type: z.string(), data: jsonObject });
export const edit = z.discriminatedUnion('op', [
  z.object({ op: z.literal('omit'), at: editPlace }),
  z.object({ op: z.literal('replace'), at: editPlace, event: whatIfEvent }),
  z.object({ op: z.literal('insert'), after: editPlace, event: whatIfEvent }),
  z.object({ op: z.literal('set'), at: editPlace, pointer: z.string(), value: json }),
]);

export const whatCameOfEdits = {
  diff: z.array(patch).meta({ description: 'From the state as it is to the state with the edits.' }),
  rejected: z.array(z.object({ index: count, code: z.string(), detail: z.string() })),
  applied: count,
  consequences: z.array(z.object({ eventId: z.string(), revision, baseRevision: revision, code: z.string(), detail: z.string() })),
};

export const forkStream = defineOperation({
  name: 'fork',
  doc: 'What if: a copy of a history with edits, folded by the same rules and compared; nothing is stored.',
  scope: 'read',
  input: z.object({ ...streamKey, ...placeInput, edits: z.array(edit).min(1), lenient: z.boolean().optional().meta({ description: 'Takes what the rules forbid.' }) }),
  output: z.object({ base: stateView, variant: stateView, ...whatCameOfEdits }),
  http: { method: 'POST', path: '/streams/{streamType}/{streamId}/fork' },
  run: (context, { streamType, streamId, edits, lenient, ...place }) =>
    // The schema is what the core reads; its event fields beyond type and data are checked there.
    fork(travelParts(context), { streamType, streamId }, placeOf(place), edits as unknown as readonly Edit[], lenient === undefined ? {} : { lenient }),
});

const side = z.looseObject({ revision, eventId: z.string(), type: z.string(), place: z.string() });
export const difference = z
  .object({
    atRevision: revision.nullable(),
    eventId: z.string().nullable(),
    path: z.string().nullable(),
    expected: json,
    actual: json,
    reason: z.enum(['EVENT_MISSING', 'EVENT_EXTRA', 'TYPE_DIFFERS', 'DATA_DIFFERS', 'STATE_DIFFERS', 'OUTCOME_DIFFERS']),
    kind: z.enum(['structure', 'input', 'output', 'state']),
    run: side.nullable(),
    reference: side.nullable(),
  })
  .meta({ id: 'Divergence' });

const ignoreInput = {
  ignorePointers: texts.optional().meta({ description: 'JSON pointers into payloads that may differ, `*` for any text.' }),
  ignoreTypes: texts.optional().meta({ description: 'Globs over event types that are not compared.' }),
};
const ignoreOf = (input: { readonly ignorePointers?: readonly string[] | undefined; readonly ignoreTypes?: readonly string[] | undefined }): Partial<IgnoreRules> => ({
  ...(input.ignorePointers === undefined ? {} : { pointers: input.ignorePointers }),
  ...(input.ignoreTypes === undefined ? {} : { types: input.ignoreTypes }),
});

export const divergenceOf = defineOperation({
  name: 'divergence',
  doc: 'Where two runs part: aligned by the agent tree, the first difference and its kind.',
  scope: 'read',
  input: z.object({ ...streamKey, against: z.string().meta({ description: 'Address of the run that worked, type/id.' }), align: z.enum(['causal', 'index']).optional(), context: wholeNumber.optional(), upTo: wholeNumber.optional(), ...ignoreInput }),
  output: z.object({
    equal: z.boolean(),
    first: difference.nullable(),
    later: count,
    compared: z.object({ run: count, reference: count, equal: count }),
    context: z.object({ run: z.array(side), reference: z.array(side) }),
    rules: jsonObject,
    states: z.enum(['equal', 'differ', 'not_compared']),
    truncated: z.boolean(),
  }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/divergence' },
  run: (context, { streamType, streamId, against, align, context: shown, upTo, ...ignored }) =>
    divergence(travelParts(context), { streamType, streamId }, parseStreamAddress(against), {
      ignore: ignoreOf(ignored),
      ...(align === undefined ? {} : { align }),
      ...(shown === undefined ? {} : { context: shown }),
      ...(upTo === undefined ? {} : { upTo }),
    }),
});

export const compareState = defineOperation({
  name: 'compareState',
  doc: 'Whether a state that somebody keeps (a read model, an export, an expectation) is what the log says, and which event set what differs.',
  scope: 'read',
  input: z.object({ ...streamKey, ...placeInput, expected: jsonObject.meta({ description: 'The whole state, as stateAt answers it in "state".' }), ignorePointers: texts.optional().meta({ description: 'JSON pointers into the state that are not compared, `*` for any text.' }) }),
  output: z.object({ equal: z.boolean(), first: difference.nullable(), paths: z.array(z.string()).meta({ description: 'Every pointer that differs, at most 1,000.' }), differences: count }),
  http: { method: 'POST', path: '/streams/{streamType}/{streamId}/divergence' },
  run: (context, { streamType, streamId, expected, ignorePointers, ...place }) =>
    stateDivergence(travelParts(context), { streamType, streamId }, placeOf(place), expected, ignorePointers === undefined ? {} : { ignore: ignorePointers }),
});

export const blameOf = defineOperation({
  name: 'blame',
  doc: 'The first bad event and the chain from it; recorded edges and inferred ones are told apart.',
  scope: 'read',
  input: z.object({ ...streamKey, ...placeInput, path: z.string().optional().meta({ description: 'JSON pointer: who set this value, and what led to that.' }), against: z.string().optional(), expect: z.string().optional().meta({ description: 'An expression that should hold at every event.' }), ...ignoreInput }),
  output: z.looseObject({ target: z.looseObject({}).nullable(), targetReason: z.string().nullable(), firstBad: z.looseObject({}).nullable(), suspects: z.array(z.looseObject({})), causes: z.array(z.looseObject({})), failures: z.array(z.looseObject({})).meta({ description: 'What failed and did not move on from it, earliest first; also where nothing is bad.' }), failuresTotal: count, truncated: z.boolean() }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/blame' },
  run: (context, { streamType, streamId, path, against, expect, ignorePointers, ignoreTypes, ...place }) =>
    blame(travelParts(context), { streamType, streamId }, placeOf(place), {
      ignore: ignoreOf({ ignorePointers, ignoreTypes }),
      ...(path === undefined ? {} : { pointer: path }),
      ...(against === undefined ? {} : { reference: parseStreamAddress(against) }),
      byIds: async (ids) => await eventsByIds(context, ids),
      ...(expect === undefined ? {} : { expectation: expect }),
    }),
});

export const coverageOf = defineOperation({
  name: 'coverage',
  doc: 'What was not seen: missing ends, parents, causes and revisions, clock steps, sources that disagree.',
  scope: 'read',
  input: z.object({ ...streamKey, ...placeInput, items: wholeNumber.optional() }),
  output: z.looseObject({ ...streamKey, revision, head: revision, events: count, complete: z.boolean(), gaps: count, producers: z.array(z.looseObject({})) }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/coverage' },
  run: async (context, { streamType, streamId, items, ...place }) =>
    await coverage(travelParts(context), { streamType, streamId }, placeOf(place), {
      knownIds: async (ids) => {
        const known = new Set<string>();
        for await (const page of context.log.driver.read({ ids, bodies: false }, context.signal)) for (const { id } of page.events) known.add(id);
        return known;
      },
      ...(items === undefined ? {} : { itemsMax: items }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    }),
});
