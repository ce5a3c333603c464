/**
 * What a driver looks at before it touches a commit (S22: limits fail before any effect).
 *
 * Two kinds of refusal, never mixed. A malformed commit is a bug of the caller: `assertCommit` throws, and the whole append
 * call has no effect. A commit that is merely more than this engine takes is an answer: `refuseTooLarge` gives it, and the
 * other commits of the call go on. Contents (schema, canonical bytes, redaction) are the business of the log in front.
 */
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import type { AppendResult, Capabilities, Check, Commit, NewEvent } from './driver.ts';

export type CommitLimits = Pick<Capabilities, 'commitBytesMax' | 'commitEventsMax'>;
export type TooLarge = Extract<AppendResult, { readonly ok: false; readonly detail: string }>;

/** Bytes of a commit id in UTF-8, and of its digest. */
export const commitIdBytesMax = 256;
export const digestBytes = 32;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const typePattern = /^[A-Za-z0-9._-]+$/;
// C0, DEL and C1.
const controlPattern = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Throws when a commit breaks the port's contract; returns otherwise.
 *
 * @throws LogError BAD_REQUEST (reasons empty_commit, commit_id, digest, event_id, type, tags_order, check), BAD_UTF8,
 *         BAD_STREAM_ADDRESS (empty, control_character, too_long), DUPLICATE_ID, TOO_LARGE (tags, tag).
 */
export function assertCommit(commit: Commit): void {
  if (sound.has(commit)) return;
  if (commit.events.length === 0) refuse('BAD_REQUEST', 'empty_commit', 'A commit holds at least one event.');
  if (!isText(commit.id, commitIdBytesMax)) refuse('BAD_REQUEST', 'commit_id', `A commit id is 1 to ${commitIdBytesMax} bytes without control characters.`);
  if (commit.digest.length !== digestBytes) refuse('BAD_REQUEST', 'digest', `A digest is ${digestBytes} bytes.`);
  for (const event of commit.events) assertEvent(event);
  if (commit.events.length > 1 && new Set(commit.events.map((event) => event.id)).size < commit.events.length) {
    refuse('DUPLICATE_ID', 'twice_in_commit', 'An event id stands once in a commit.');
  }
  for (const check of commit.checks ?? []) assertCheck(check);
}

/**
 * The same for a commit that the front has just made of parts of its own: nobody else can change it on its way to the engine,
 * so the driver does not look again, however often it is sent. A commit that comes from elsewhere is looked at every time.
 */
export function assertOwnCommit(commit: Commit): void {
  assertCommit(commit);
  sound.add(commit);
}

const sound = new WeakSet<Commit>();

/** The answer for a commit that is over the engine's limits; null when it is within them. Bytes are those of the bodies. */
export function refuseTooLarge(commit: Commit, limits: CommitLimits): TooLarge | null {
  if (commit.events.length > limits.commitEventsMax) return tooLarge(`${commit.events.length} events; the limit is ${limits.commitEventsMax}`);
  const bytes = commit.events.reduce((sum, event) => sum + event.body.length, 0);
  if (bytes > limits.commitBytesMax) return tooLarge(`${bytes} bytes of bodies; the limit is ${limits.commitBytesMax}`);
  return null;
}

function assertEvent(event: NewEvent): void {
  if (!uuidPattern.test(event.id)) refuse('BAD_REQUEST', 'event_id', 'An event id is a UUID in lower case.');
  if (!typePattern.test(event.type) || event.type.length > defaultLimits.eventTypeCharactersMax) {
    refuse('BAD_REQUEST', 'type', `An event type is 1 to ${defaultLimits.eventTypeCharactersMax} of A-Z a-z 0-9 . _ -`);
  }
  assertStream(event.stream);
  assertTags(event.tags);
}

/** A stream's name is opaque to a driver, but bounded and printable. */
function assertStream(stream: string): void {
  if (stream === '') refuse('BAD_STREAM_ADDRESS', 'empty', 'A stream has a name.');
  if (!stream.isWellFormed()) refuse('BAD_UTF8', 'lone_surrogate', 'A stream name is well-formed Unicode.');
  if (controlPattern.test(stream)) refuse('BAD_STREAM_ADDRESS', 'control_character', 'A stream name holds no control characters.');
  if (isLongerThan(stream, defaultLimits.streamAddressBytesMax)) {
    refuse('BAD_STREAM_ADDRESS', 'too_long', `A stream name is at most ${defaultLimits.streamAddressBytesMax} bytes.`);
  }
}

/** Order is that of UTF-16 code units, which is what `sort()` gives and what RFC 8785 uses for keys. */
function assertTags(tags: readonly string[]): void {
  if (tags.length > defaultLimits.tagsPerEventMax) refuse('TOO_LARGE', 'tags', `An event has at most ${defaultLimits.tagsPerEventMax} tags.`);
  let previous = '';
  for (const tag of tags) {
    if (!tag.isWellFormed()) refuse('BAD_UTF8', 'lone_surrogate', 'A tag is well-formed Unicode.');
    if (tag.includes('\u0000')) refuse('BAD_REQUEST', 'tag_nul', 'A tag holds no U+0000.');
    if (isLongerThan(tag, defaultLimits.tagBytesMax)) refuse('TOO_LARGE', 'tag', `A tag is at most ${defaultLimits.tagBytesMax} bytes.`);
    // The empty tag fails here too: nothing is below the empty string.
    if (tag <= previous) refuse('BAD_REQUEST', 'tags_order', 'Tags are not empty, sorted, and unique.');
    previous = tag;
  }
}

function assertCheck(check: Check): void {
  const number = check.kind === 'stream' ? check.expect : check.kind === 'query' ? check.after : check.at;
  const isWord = check.kind === 'stream' && (number === 'none' || number === 'exists');
  if (!isWord && !(Number.isSafeInteger(number) && Number(number) >= 0)) {
    refuse('BAD_REQUEST', 'check', 'A check names a revision or position that is a safe integer from 0 up.');
  }
  if (check.kind === 'stream') assertStream(check.stream);
}

function isText(text: string, bytesMax: number): boolean {
  return text !== '' && text.isWellFormed() && !controlPattern.test(text) && !isLongerThan(text, bytesMax);
}

/** UTF-8 length against a bound; short texts are never encoded. */
function isLongerThan(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return false;
  return text.length > bytesMax || new TextEncoder().encode(text).length > bytesMax;
}

function tooLarge(detail: string): TooLarge {
  return { ok: false, reason: 'too-large', detail };
}

function refuse(code: ErrorCode, reason: string, hint: string): never {
  throw new LogError(code, `the commit breaks the driver port: ${reason}`, { details: { reason }, hint });
}
