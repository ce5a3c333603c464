/** A job run again, as a new job with other parameters, linked both ways. */
import { reconstruct } from '@refold/core';
import type { EventEnvelope, Log, Revision } from '@refold/core';
import { planRerun } from '@refold/catalog';
import type { JobState } from '@refold/catalog';
import { z } from 'zod';
import { actorInput, actorToAppend, heldTo } from './acting.ts';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { flag, wholeNumber } from './inputs.ts';
import { json, jsonObject, patch, revision } from './shapes.ts';
import { travelParts } from './travel-parts.ts';
import { commandInput, keyUsed } from './work-objects.ts';

export const rerunJob = defineOperation({
  name: 'rerunJob',
  doc: 'Starts a new job from an old one, with changed parameters or input; the steps before the first that runs again are kept as completed.',
  scope: 'append',
  kind: 'write',
  dryRun: { scope: 'read', isAsked: ({ dryRun }) => dryRun },
  input: z.object({
    id: z.string().min(1).meta({ description: 'Id of the old job.' }),
    newId: z.string().min(1).optional().meta({ description: 'Default: the next free number behind the old id.' }),
    params: jsonObject.optional().meta({ description: 'Merged into the old parameters; null removes.' }),
    set: z.record(z.string(), json).optional().meta({ description: 'Set on top of that, by JSON pointer.' }),
    input: json.optional().meta({ description: 'Replaces the old input.' }),
    fromStep: z.string().optional().meta({ description: 'The first step that runs again; default: everything does.' }),
    fromRevision: wholeNumber.optional().meta({ description: 'The old job as it stood then; default now.' }),
    name: z.string().optional(),
    reason: z.string().optional(),
    dryRun: flag.default(false),
    commitId: commandInput.commitId,
    ...actorInput,
  }),
  output: z.object({
    jobId: z.string(),
    rerunOf: z.string(),
    fromRevision: revision,
    dryRun: z.boolean(),
    params: jsonObject,
    changes: z.array(patch).meta({ description: 'Between the old parameters and the new ones.' }),
    stepsKept: z.array(z.string()),
    stepsToRun: z.array(z.string()),
    eventIds: z.array(z.string()).meta({ description: 'job.created of the new job and job.rerun of the old one; none in a dry run.' }),
    duplicate: z.boolean().meta({ description: 'The job was run again under this key before; nothing was written now.' }),
  }),
  http: { method: 'POST', path: '/jobs/{id}/rerun', aliases: ['/api/v1/jobs/{id}/replay'] },
  run: async (context, { id, newId, fromRevision, dryRun, commitId, actor, ...options }) => {
    const before = commitId === undefined ? null : await rerunUnder(context, commitId, id);
    const now = await jobAt(context, id, before?.revision);
    const from = fromRevision === undefined ? now : await jobAt(context, id, fromRevision);
    const jobId = newId ?? before?.jobId ?? (await nextFreeId(context.log, id));
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const { events, expectedRevisions, changes, stepsKept, stepsToRun } = planRerun(from, { ...given, newId: jobId, actor: actorToAppend(context, actor) }, now.revision);
    const receipt = dryRun ? null : await context.log.append({ events, ...(before === null ? { expectedRevisions } : {}), ...(commitId === undefined ? {} : { commitId }), ...heldTo(context) });
    return {
      jobId,
      rerunOf: id,
      fromRevision: from.revision,
      dryRun,
      // The plan wrote the merged parameters there.
      params: (events[0].data as { readonly params: { [name: string]: never } }).params,
      changes: [...changes],
      stepsKept: [...stepsKept],
      stepsToRun: [...stepsToRun],
      eventIds: receipt?.events.map((event) => event.id) ?? [],
      duplicate: receipt?.duplicate ?? false,
    };
  },
});

/**
 * What a commit made of the job: it is planned once more on the state that it was planned on, so that the log can tell the same
 * call from another one under a used key.
 *
 * @throws LogError DUPLICATE_ID when the commit is about something else.
 */
async function rerunUnder({ log }: OperationContext, commitId: string, id: string): Promise<{ readonly jobId: string; readonly revision: Revision } | null> {
  const events: EventEnvelope[] = [];
  for await (const page of log.events({ commits: [commitId] })) events.push(...page.events);
  if (events.length === 0) return null;
  const [made, rerun] = ['job.created', 'job.rerun'].map((type) => events.find((event) => event.type === type));
  if (made === undefined || rerun === undefined || rerun.streamId !== id) throw keyUsed(commitId);
  return { jobId: made.streamId, revision: rerun.revision - 1 };
}

/** A stream of this type is folded by this aggregate. */
async function jobAt(context: OperationContext, id: string, at?: number): Promise<JobState> {
  const { state } = await reconstruct(travelParts(context), { streamType: 'job', streamId: id }, at === undefined ? { kind: 'end' } : { kind: 'revision', revision: at });
  return state as unknown as JobState;
}

/** `42` -> `43`, `nightly` -> `nightly-2`; on from there until nobody has it. */
async function nextFreeId(log: Log, id: string): Promise<string> {
  const [, stem = id, digits] = /^(.*?)(\d{1,15})$/.exec(id) ?? [];
  for (let number = digits === undefined ? 2 : Number(digits) + 1; ; number++) {
    const candidate = digits === undefined ? `${stem}-${number}` : stem + String(number).padStart(digits.length, '0');
    if ((await log.stream(`job/${candidate}`)) === null) return candidate;
  }
}
