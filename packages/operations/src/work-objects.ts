/**
 * What the work objects (tasks, sprints, sessions, jobs) have in common. A command reads the state, decides, and appends what follows
 * as one commit on the very revision it was decided on. Who expected nothing loses no race: the command is decided again on
 * the newest state. Who sends the same key again gets the same events: they are decided again on the state they once were
 * decided on, so that the log can tell the same command from another one under a used key.
 */
import { LogError, conflict, createCursorCodec, encodeUtf8, holds, isLogError, parsePage, readExpectations, reconstruct, uuidFromDigest } from '@refold/core';
import type { Actor, AppendReceipt, AppendRequest, EventInput, ExpectedRevision, FoldEvent, State, StreamAddress, StreamInfo } from '@refold/core';
import type { Decision } from '@refold/catalog';
import { z } from 'zod';
import { actingAs, inTraceOf } from './acting.ts';
import type { HttpBinding, OperationContext } from './define.ts';
import { pageInput } from './inputs.ts';
import { streamsOf } from './places.ts';
import { actor, appendedEvent, pageOf, revision, state, streamKey } from './shapes.ts';
import { streamAt } from './streams.ts';
import { travelParts } from './travel-parts.ts';

/** The path of a work object of document 003: canonical, and the document's own. */
export const httpOfBoard = (method: HttpBinding['method'], path: string, more: Partial<HttpBinding> = {}): HttpBinding => ({ method, path, aliases: [`/api/orchestration${path}`], ...more });

/** Beside what a command is about. */
export const commandInput = {
  commitId: z.string().min(1).max(200).optional().meta({ description: 'Idempotency key.' }),
  // Judged by the log, which says what is wrong with it in its own words; a query writes numbers as digits.
  expectedRevision: z.union([z.string().regex(/^\d{1,15}$/).transform(Number), z.unknown()]).optional().meta({ description: 'Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing.' }),
  correlationId: z.string().min(1).optional(),
  causationId: z.string().min(1).optional(),
  actor: z
    .union([actor, z.string().regex(/^(?:user|agent|service|system):./, 'takes an actor, or type:id').transform((text) => ({ type: text.slice(0, text.indexOf(':')), id: text.slice(text.indexOf(':') + 1) }))])
    .optional()
    .meta({ description: 'Who acts, as an object or as type:id; whoever is signed in stands above it.' }),
};

/** The same, of what may be done within the session of an agent. */
export const commandInSession = { ...commandInput, sessionId: z.string().min(1).optional().meta({ description: 'Session of the agent that does it.' }) };

type CommandFields = { readonly [K in keyof typeof commandInSession]?: z.infer<(typeof commandInSession)[K]> };

export const workObject = z.object({ ...streamKey, revision, state }).meta({ id: 'WorkObject', description: 'A task, sprint, session or job as it stands.' });
export const workDone = workObject
  .extend({ events: z.array(appendedEvent).meta({ description: 'What the command wrote; nothing when it changed nothing.' }), commitId: z.string().nullable(), duplicate: z.boolean().meta({ description: 'This command was carried out before; nothing was written now.' }) })
  .meta({ id: 'WorkDone' });

export type WorkObject = { readonly streamType: string; readonly streamId: string; readonly revision: number; readonly state: State };
export type WorkDone = WorkObject & Pick<AppendReceipt, 'events' | 'duplicate'> & { readonly commitId: string | null };

export interface Command<S> extends CommandFields {
  readonly address: StreamAddress;
  /** Pure: it may be called several times. */
  readonly decide: (state: S) => readonly Decision[];
  /** What the stream must be before: new, there, or either. Default there. */
  readonly target?: 'new' | 'there' | 'either';
  /** What every event of the command carries. */
  readonly shared?: Pick<EventInput, 'sessionId' | 'issueKey'>;
}

/**
 * @throws LogError NOT_FOUND `stream`, `deleted`; REVISION_CONFLICT; DUPLICATE_ID for a used key; what the log refuses.
 */
export async function carryOut<S>(context: OperationContext, command: Command<S>): Promise<WorkDone> {
  const { log } = context;
  const expected = expectedBy(command);
  for (let attempt = 1; ; attempt++) {
    const earlier = command.commitId === undefined ? null : await stateBeforeCommit(context, command.address, command.commitId);
    if (earlier !== null) return await sendAgain(context, command, earlier);
    const before = await standing(context, command.address);
    if (!holds(expected, before.revision)) throw conflict([{ stream: addressOf(command), expected, actual: before.revision }]);
    if ((command.target ?? 'there') === 'there') refuseMissing(before);
    // Safe: a stream of this type is folded by this aggregate.
    const events = eventsOf(context, command, command.decide(before as unknown as S));
    if (events.length === 0) return { ...command.address, revision: before.revision, state: before, events: [], commitId: null, duplicate: false };
    try {
      return await decided(context, command, events, before);
    } catch (error) {
      if (!isLogError(error, 'REVISION_CONFLICT') || attempt >= log.limits.conflictRetriesMax) throw error;
    }
  }
}

/** The object as it stands. @throws LogError NOT_FOUND `stream`, `deleted`. */
export async function workAt(context: OperationContext, address: StreamAddress): Promise<WorkObject> {
  const found = await standing(context, address);
  refuseMissing(found);
  return { ...address, revision: found.revision, state: found };
}

const expectedBy = ({ expectedRevision, target, address }: Command<never>): ExpectedRevision => {
  const given = expectedRevision ?? (target === 'new' ? 'none' : undefined);
  return readExpectations(given === undefined ? {} : { expectedRevision: given as ExpectedRevision }, addressText(address)).of(addressText(address));
};

const addressText = ({ streamType, streamId }: StreamAddress): string => `${streamType}/${streamId}`;
const addressOf = ({ address }: Command<never>): string => addressText(address);

/** The state at a revision, or the newest; the empty one where nothing was written yet. */
async function standing(context: OperationContext, address: StreamAddress, at?: number): Promise<State> {
  const revision = at ?? (await context.log.stream(addressText(address)))?.revision ?? 0;
  if (revision === 0) return context.log.fold.initial(address.streamType, address.streamId);
  return (await reconstruct(travelParts(context), address, { kind: 'revision', revision })).state;
}

function refuseMissing(found: State): void {
  if (found.exists) return;
  const address = addressText(found);
  if (found.revision === 0) throw new LogError('NOT_FOUND', `There is no ${address}.`, { details: { reason: 'stream', stream: address }, hint: 'Check the id, or list what there is.' });
  throw new LogError('NOT_FOUND', `${address} was deleted.`, { details: { reason: 'deleted', stream: address, revision: found.revision }, hint: 'Its history and its states before stay: ask for them.' });
}

/** For an object that was given no id; the same key gives the same one. */
export const newIdOf = (context: OperationContext, commitId: string | undefined): string => idFrom(context, commitId, 'stream');

const idFrom = ({ log: { ports } }: OperationContext, commitId: string | undefined, use: string): string =>
  commitId === undefined ? ports.ids.uuid() : uuidFromDigest(ports.hasher.sha256(encodeUtf8(`refold/command/v1\n${commitId}\n${use}`)));

/** Ids are given where one event names another as its cause, and follow from the key, so that a resend has the same. */
function eventsOf(context: OperationContext, command: Command<never>, decisions: readonly Decision[]): readonly EventInput[] {
  const ids = decisions.map((_, index) => idFrom(context, command.commitId, String(index)));
  return decisions.map(({ causedBy, ...decision }, index) => {
    const causationId = causedBy === undefined ? command.causationId : ids[causedBy];
    return { ...decision, ...command.address, ...(command.sessionId === undefined ? {} : { sessionId: command.sessionId }), ...command.shared, id: ids[index]!, ...(causationId === undefined ? {} : { causationId }), ...(command.correlationId === undefined ? {} : { correlationId: command.correlationId }) };
  });
}

async function appendAt(context: OperationContext, { commitId, actor: named }: Command<never>, events: readonly EventInput[], options: Pick<AppendRequest, 'expectedRevision' | 'onQueued'> = {}): Promise<AppendReceipt> {
  const { log, principal } = context;
  return await log.append({
    // Whoever is signed in acts all the same; another one who was named is kept as a claim.
    events: events.map((event) => ({ ...event, actor: named === undefined ? actingAs(context) : (named as Actor) })),
    ...options,
    ...(commitId === undefined ? {} : { commitId }),
    ...(principal === undefined ? {} : { principal }),
    ...inTraceOf(context),
  });
}

/** Appends on the very state that the events were decided on; what they make of it is folded from what was judged, not read again. */
async function decided(context: OperationContext, command: Command<never>, events: readonly EventInput[], before: State): Promise<WorkDone> {
  let judged = before;
  const onQueued = (pending: readonly FoldEvent[]): void => void (judged = context.log.fold.foldAll(pending, { from: before }));
  const receipt = await appendAt(context, command, events, { expectedRevision: before.revision, onQueued });
  return await done(context, command, receipt, judged);
}

/** @param known  A state of the object, which need not be that after the events. */
async function done(context: OperationContext, { address }: Command<never>, { events, commitId, duplicate }: AppendReceipt, known?: State): Promise<WorkDone> {
  const { revision } = events.at(-1)!;
  const state = !duplicate && known?.revision === revision ? known : await standing(context, address, revision);
  return { ...address, revision, state, events, commitId, duplicate };
}

/* ---- The same key again ---- */

/** The state that a commit was decided on; null when the log does not hold it. @throws LogError DUPLICATE_ID when it wrote elsewhere. */
async function stateBeforeCommit(context: OperationContext, address: StreamAddress, commitId: string): Promise<State | null> {
  for await (const { events } of context.log.events({ commits: [commitId] })) {
    const [first] = events;
    if (first === undefined) continue;
    if (first.streamType !== address.streamType || first.streamId !== address.streamId) throw keyUsed(commitId);
    return await standing(context, address, first.revision - 1);
  }
  return null;
}

async function sendAgain<S>(context: OperationContext, command: Command<S>, before: State): Promise<WorkDone> {
  const events = eventsOf(context, command, command.decide(before as unknown as S));
  if (events.length === 0) throw keyUsed(command.commitId!);
  return await done(context, command, await appendAt(context, command, events));
}

export const keyUsed = (commitId: string): LogError =>
  new LogError('DUPLICATE_ID', `Commit ${commitId} is already in the log with other content.`, { details: { reason: 'commit', commitId }, hint: 'Use a new key for a new command.' });

/* ---- Lists ---- */

export const workListInput = { limit: pageInput.limit, cursor: pageInput.cursor };
export const workList = pageOf(workObject);

/** Objects of one kind by id, those that were deleted left out. @param question  What is asked for, so that a cursor fits only its own list. */
export async function listWork(
  context: OperationContext,
  type: string,
  { limit, cursor, ...asked }: { readonly limit?: number | string | undefined; readonly cursor?: string | undefined; readonly [field: string]: unknown },
  accepts: (state: State) => boolean,
): Promise<{ items: readonly WorkObject[]; nextCursor: string | null; total: null }> {
  const { log } = context;
  const page = parsePage({ ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) }, { limits: log.limits });
  const codec = createCursorCodec(log.ports.hasher, log.identity.cursorKey);
  const question = `work ${type} ${JSON.stringify(asked)}`;
  const after = page.cursor === null ? null : await streamAt(log, codec.decode(page.cursor, 'forward', question));
  const found: { readonly info: StreamInfo; readonly item: WorkObject }[] = [];
  for await (const info of streamsOf(log, `${type}/`, after ?? undefined)) {
    context.signal?.throwIfAborted();
    const address = { streamType: type, streamId: info.stream.slice(type.length + 1) };
    const here = await standing(context, address);
    if (!here.exists || !accepts(here)) continue;
    found.push({ info, item: { ...address, revision: here.revision, state: here } });
    if (found.length > page.limit) break;
  }
  const items = found.slice(0, page.limit);
  return { items: items.map(({ item }) => item), nextCursor: found.length > page.limit ? codec.encode(items.at(-1)!.info.first, 'forward', question) : null, total: null };
}
