/** Runs side by side: how each went, with which parameters, step by step, and where each leaves the first. */
import { LogError, diff, divergence, parseStreamAddress, pointerOf, reconstruct } from '@refold/core';
import type { Json, JsonObject, Patch, StreamAddress } from '@refold/core';
import { runFacts } from '@refold/catalog';
import type { RunFacts } from '@refold/catalog';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { texts } from './inputs.ts';
import { difference } from './questions.ts';
import { count, instant, json, jsonObject, revision, streamKey } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const runsMax = 20;

const comparedRun = z.object({
  ...streamKey,
  revision,
  status: z.string(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  durationMs: z.number().nullable(),
  rerunOf: z.string().nullable(),
  params: jsonObject,
  result: json,
  error: jsonObject.nullable(),
});
const comparedStep = z.object({ status: z.string(), durationMs: z.number().nullable(), attempt: count });

export const compareRuns = defineOperation({
  name: 'compareRuns',
  doc: 'Sets runs side by side: status, duration, parameters, steps, results, and where each leaves the first one. One job alone is compared with what it was run again from and as.',
  scope: 'read',
  input: z.object({ ids: texts.meta({ description: 'Jobs by id, other runs by type/id; at most 20.' }) }),
  output: z.object({
    runs: z.array(comparedRun),
    parameters: z.array(z.object({ path: z.string(), values: z.array(json.nullable()) })).meta({ description: 'Parameters that are not the same in all, one value per run; null where a run has none.' }),
    steps: z.array(z.object({ name: z.string(), runs: z.array(comparedStep.nullable()) })),
    results: z.enum(['equal', 'differ']),
    divergences: z.array(z.object({ run: z.string(), against: z.string(), equal: z.boolean(), first: difference.nullable(), later: count })),
  }),
  http: { method: 'GET', path: '/jobs/compare' },
  run: async (context, { ids }) => {
    const addresses = await addressesOf(context, ids);
    const runs: { readonly address: StreamAddress; readonly revision: number; readonly facts: RunFacts }[] = [];
    for (const address of addresses) {
      const { state } = await reconstruct(travelParts(context), address, { kind: 'end' });
      runs.push({ address, revision: state.revision, facts: runFacts(state) });
    }
    const facts = runs.map((run) => run.facts);
    const [first, ...others] = addresses;
    const divergences = [];
    for (const other of others) {
      const report = await divergence(travelParts(context), other, first!, { ignore: sideBySide });
      divergences.push({ run: textOf(other), against: textOf(first!), equal: report.equal, first: report.first, later: report.later });
    }
    return {
      runs: runs.map(({ address, revision: at, facts: { steps: _steps, reruns: _reruns, input: _input, ...rest } }) => ({ ...address, revision: at, ...rest })),
      parameters: parametersOf(facts),
      steps: stepsOf(facts),
      results: facts.every(({ result }) => diff(facts[0]!.result, result).length === 0) ? ('equal' as const) : ('differ' as const),
      divergences,
    };
  },
});

/** What stands in tables of its own is not told again as the first difference, and neither is being run again. */
const sideBySide = { pointers: ['/params', '/steps', '/rerun_of', '/rerun_from_revision'], types: ['job.rerun'] };

const textOf = ({ streamType, streamId }: StreamAddress): string => `${streamType}/${streamId}`;

/** @throws LogError BAD_REQUEST `ids`; BAD_STREAM_ADDRESS; NOT_FOUND. */
async function addressesOf(context: OperationContext, ids: readonly string[]): Promise<readonly StreamAddress[]> {
  const named = [...new Set(ids)].map((id) => (id.includes('/') ? parseStreamAddress(id) : { streamType: 'job', streamId: id }));
  const addresses = named.length === 1 && named[0]!.streamType === 'job' ? await familyOf(context, named[0]!.streamId) : named;
  if (addresses.length < 2 || addresses.length > runsMax)
    throw new LogError('BAD_REQUEST', addresses.length < 2 ? 'There is nothing to compare it with.' : `${addresses.length} runs are more than ${runsMax}.`, { details: { reason: 'ids', limit: runsMax }, hint: 'Name two runs or more; one alone only when it was run again.' });
  return addresses;
}

/** The first job of a chain of reruns, then everything it was run again as, in that order. */
async function familyOf(context: OperationContext, id: string): Promise<readonly StreamAddress[]> {
  const factsOf = async (streamId: string): Promise<RunFacts> => runFacts((await reconstruct(travelParts(context), { streamType: 'job', streamId }, { kind: 'end' })).state);
  let origin = id;
  for (const seen = new Set([id]); ; ) {
    const { rerunOf } = await factsOf(origin);
    if (rerunOf === null || seen.has(rerunOf) || (await context.log.stream(`job/${rerunOf}`)) === null) break;
    seen.add((origin = rerunOf));
  }
  const family = new Set([origin]);
  for (const member of family) {
    if (family.size > runsMax) break;
    for (const rerun of (await factsOf(member)).reruns) family.add(rerun);
  }
  return [...family].map((streamId) => ({ streamType: 'job', streamId }));
}

/** Every pointer at which some run has another value than the first. */
function parametersOf(facts: readonly RunFacts[]): { path: string; values: (Json | null)[] }[] {
  const all = facts.map(({ input, params }): JsonObject => (input === null ? params : { ...params, input }));
  const [first = {}, ...others] = all;
  const paths = new Set(others.flatMap((params) => diff(first, params).map(({ path }: Patch) => path)));
  return [...paths].toSorted().map((path) => ({ path, values: all.map((params) => valueIn(params, path)) }));
}

function valueIn(params: JsonObject, path: string): Json | null {
  // The pointers are those of a difference, so they are well formed; what a run does not have is absent there.
  const entry = Object.entries(flat(params)).find(([pointer]) => pointer === path);
  return entry?.[1] ?? null;
}

function flat(value: Json, path: readonly string[] = []): { [pointer: string]: Json } {
  const here = { [pointerOf(path)]: value };
  if (typeof value !== 'object' || value === null) return here;
  return Object.assign(here, ...Object.entries(value).map(([key, child]) => flat(child, [...path, key]))) as { [pointer: string]: Json };
}

function stepsOf(facts: readonly RunFacts[]): { name: string; runs: (z.infer<typeof comparedStep> | null)[] }[] {
  const names = new Set(facts.flatMap(({ steps }) => steps.map(({ name }) => name)));
  return [...names].map((name) => ({
    name,
    runs: facts.map(({ steps }) => {
      const step = steps.find((one) => one.name === name);
      return step === undefined ? null : { status: step.status, durationMs: step.durationMs, attempt: step.attempt };
    }),
  }));
}
