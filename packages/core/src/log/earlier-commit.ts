/**
 * Was this commit written before? Asked only when a refusal is about to be given, because a commit sent again must answer its
 * first receipt (S11) although its transition would be illegal now, its revision is past, or other salts gave it another
 * digest (a resend from a fresh process). Contents are compared as they would be stored; of an erased event only what its
 * remainder keeps.
 */
import { LogError } from '../errors.ts';
import type { Redactor } from '../schema/redact.ts';
import { canonicalText } from '../trust/canonical.ts';
import type { AppendReceipt } from './append.ts';
import { actorOf, chainSaid, filledPayload } from './complete.ts';
import type { AddressedEvent } from './complete.ts';
import type { LogDriver, Recorded } from './driver.ts';
import type { Actor } from './event.ts';
import { normalInstant } from './instant.ts';
import { envelopeOf, splitAddress } from './record.ts';
import { redactEvent } from './redact-event.ts';

export interface EarlierCommitQuestion {
  readonly driver: Pick<LogDriver, 'read'>;
  readonly commitId: string;
  readonly events: readonly AddressedEvent[];
  readonly redactor: Redactor;
  readonly principal: Actor | undefined;
}

/**
 * @returns the first receipt with `duplicate: true`; null when the commit is not in the log.
 * @throws LogError DUPLICATE_ID when the log holds this commit id with other content.
 */
export async function findEarlierCommit(question: EarlierCommitQuestion): Promise<AppendReceipt | null> {
  const records: Recorded[] = [];
  for await (const page of question.driver.read({ commits: [question.commitId] })) records.push(...page.events);
  const [first] = records;
  if (first === undefined) return null;
  const same = records.length === question.events.length && records.every((record, index) => isSameContent(record, question.events[index]!, question));
  if (!same)
    throw new LogError('DUPLICATE_ID', `Commit ${question.commitId} is already in the log with other content.`, {
      details: { reason: 'commit', commitId: question.commitId },
      hint: 'Use a new commit id for new content.',
    });
  return {
    commitId: question.commitId,
    duplicate: true,
    events: records.map((record) => {
      const { type: streamType, id: streamId } = splitAddress(record.stream);
      return { id: record.id, type: record.type, streamType, streamId, revision: record.revision, position: record.position };
    }),
    first: first.position,
    last: records.at(-1)!.position,
    recordedAt: first.recordedAt,
    warnings: [],
  };
}

/** Fields that the caller may have said; what he left out was filled by the first append and may differ now. */
const comparedFields = ['agent', 'causationId', 'changes', 'correlationId', 'entityId', 'entityType', 'ext', 'git', 'issueKey', 'phase', 'priority', 'refs', 'schemaVersion', 'serviceName', 'sessionId', 'severity', 'trace'] as const;

function isSameContent(record: Recorded, event: AddressedEvent, { redactor, principal }: EarlierCommitQuestion): boolean {
  if (record.id !== event.id || record.type !== event.type || record.stream !== event.address) return false;
  if (record.forgotten === true) return true;
  const stored = envelopeOf(record);
  const { input } = event;
  const { event: given } = redactEvent({ ...input, data: filledPayload(input.data, event.eventType, event.id), metadata: input.metadata ?? {} }, redactor);
  const actor = actorOf(given.actor, principal);
  const chain = chainSaid(given);
  return (
    isSame(stored.data, given.data) &&
    (given.occurredAt === undefined || stored.occurredAt === normalInstant(given.occurredAt)) &&
    (actor === undefined || isSame(stored.actor, actor)) &&
    (chain === undefined || isSame(stored.correlationChain, chain)) &&
    comparedFields.every((field) => given[field] === undefined || isSame(stored[field], given[field])) &&
    Object.entries(given.metadata).every(([key, value]) => reviewed.has(key) || isSame(stored.metadata[key], value))
  );
}

/** Members of `metadata` to which the log adds of its own. */
const reviewed: ReadonlySet<string> = new Set(['claimedActor', 'redactions', 'sanitized', 'violations']);

/** A lone surrogate is stored as U+FFFD or not at all, so one that comes again is read the same way. */
const isSame = (stored: unknown, given: unknown): boolean => canonicalText(stored ?? null) === canonicalText(given, { sanitize: true });
