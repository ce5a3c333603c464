/** Conditions of a replay by the names that people give them (K-051), asked of this log; any other text is an expression. */
import { LogError, celPrecondition, chainValid, checkpointExists, gitShaMatches, handlerAvailable, nearest, reconstruct, stateMatches, streamUnchanged, verifyStream } from '@refold/core';
import type { EntityRef, Precondition, ReplayPlan, StreamAddress } from '@refold/core';
import { checkpointsOf } from './checkpoint-states.ts';
import type { OperationContext } from './define.ts';
import { records } from './integrity.ts';
import { pages, validateCorrelation } from './relations.ts';
import { replaySettingsOf } from './replay-settings.ts';
import { travelParts } from './travel-parts.ts';

interface Question {
  readonly context: OperationContext;
  readonly target: EntityRef;
  readonly fromSequence: number;
  /** Newest revision of the target when the set was fixed: what stands behind it is a change. 0 for a chain. */
  readonly knownRevision: number;
}

const builtIn: { readonly [name: string]: (question: Question) => Promise<Precondition> | Precondition } = {
  stream_unchanged: ({ context, knownRevision }) => streamUnchanged((stream, after) => pages(context, { stream, after: Math.max(after, knownRevision) })),
  chain_valid: ({ context }) => chainValid((plan) => faultIn(context, plan)),
  state_matches: recordedState,
  git_sha_matches: ({ context }) => recordedCommit(context),
  handler_available: () => handlerAvailable,
  checkpoint_exists: ({ context, target, fromSequence }) => checkpointExists(async () => (await checkpointBefore(context, target, fromSequence)) !== null),
};

const preconditionNames: readonly string[] = Object.keys(builtIn);

/** @throws LogError BAD_REQUEST `precondition` for a name that is none; BAD_EXPRESSION. */
export const preconditionsOf = (names: readonly string[], question: Question): Promise<readonly Precondition[]> => Promise.all(names.map(async (name) => await preconditionOf(name, question)));

async function preconditionOf(name: string, question: Question): Promise<Precondition> {
  if (Object.hasOwn(builtIn, name)) return await builtIn[name]!(question);
  // A bare word holds no condition; somebody meant a name.
  if (/^[a-z_]+$/.test(name)) throw new LogError('BAD_REQUEST', `There is no precondition ${name}.`, { details: { reason: 'precondition', name, nearest: nearest(name, preconditionNames, 2) }, hint: `There are ${preconditionNames.join(', ')}, and expressions.` });
  return celPrecondition(name);
}

/** What is wrong with what is replayed; null when nothing is. */
async function faultIn(context: OperationContext, { target }: ReplayPlan): Promise<string | null> {
  if (target.type === 'correlation') {
    const { violations } = await validateCorrelation.run(context, { id: target.id });
    return violations.find(({ severity }) => severity === 'error')?.detail ?? null;
  }
  const { log } = context;
  const { findings } = await verifyStream(records(context, { stream: `${target.type}/${target.id}` }), { origin: log.identity.origin, hasher: log.ports.hasher });
  return findings[0]?.detail ?? null;
}

/** The state that the checkpoint before the first event was taken on. Another version of the fold comes to other states, so its hash says nothing. */
async function recordedState({ context, target, fromSequence }: Question): Promise<Precondition> {
  const { log } = context;
  const checkpoint = await checkpointBefore(context, target, fromSequence);
  const created = checkpoint === null ? null : await eventAt(context, target, checkpoint.sequence);
  const isComparable = created?.metadata['foldVersion'] === log.fold.foldVersion(target.type);
  const hashAt = async (revision: number): Promise<string> => (await reconstruct(travelParts(context), addressOf(target), { kind: 'revision', revision })).stateHash;
  return checkpoint === null || !isComparable ? stateMatches(hashAt, null) : stateMatches(hashAt, checkpoint.stateHash, checkpoint.sequence - 1);
}

async function checkpointBefore(context: OperationContext, target: EntityRef, fromSequence: number): Promise<{ readonly sequence: number; readonly stateHash: string } | null> {
  if (target.type === 'correlation') return null;
  const { state } = await reconstruct(travelParts(context), addressOf(target), { kind: 'end' });
  return checkpointsOf(state).find(({ sequence }) => sequence === fromSequence - 1) ?? null;
}

async function eventAt(context: OperationContext, target: EntityRef, revision: number) {
  for await (const [event] of pages(context, { stream: `${target.type}/${target.id}`, after: revision - 1, upTo: revision })) return event ?? null;
  return null;
}

const addressOf = ({ type, id }: EntityRef): StreamAddress => ({ streamType: type, streamId: id });

/** The working copy is that of the first event in the set that tells of one. */
const recordedCommit = (context: OperationContext): Precondition => ({
  name: 'git_sha_matches',
  isAskedAtEachStep: false,
  check(question) {
    const sha = question.plan.steps.flatMap(({ event }) => event.git?.sha ?? [])[0];
    if (sha === undefined) return { ok: true, detail: 'No commit is recorded there.' };
    return gitShaMatches(replaySettingsOf(context).gitSha, sha).check(question);
  },
});
