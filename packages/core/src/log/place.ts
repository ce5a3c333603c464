/**
 * Addresses of streams and of places in them; one grammar for URL, CLI, REST, GraphQL and MCP (DESIGN.md section 3).
 *
 *   address  type/id             split at the first slash; the id may hold more of them
 *   place    type/id@12          a revision; @0 is the place before the first event
 *            type/id@<instant>   as it happened; RFC 3339 with an offset
 *            type/id@start  @end  @~10      first event, newest event, ten before the newest
 *
 * In a place, `@` and `%` inside an address are written `%40` and `%25`; nothing else is escaped, so reading is exact.
 * An address is a name that people compare by eye and engines turn into subjects and file names. So it is refused what looks
 * like another address (other normal forms, bidirectional and invisible characters, outer space) or leads elsewhere
 * (empty, `.` and `..` segments, controls). Every other character is data, and each driver encodes it for its engine.
 */
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import { encodeUtf8 } from './bytes.ts';
import type { Instant, Position, Revision } from './driver.ts';
import { normalInstant } from './instant.ts';

export interface StreamAddress {
  readonly streamType: string;
  readonly streamId: string;
}

/** Where to stand in a stream. */
export type Place =
  | { readonly kind: 'revision'; readonly revision: Revision }
  /** As it happened: exactly the events with `occurredAt` up to it. */
  | { readonly kind: 'instant'; readonly at: Instant }
  /** As known at: the prefix with `recordedAt` up to it. Not in the grammar; an argument of its own. */
  | { readonly kind: 'known'; readonly at: Instant }
  /** The prefix that stood when the log was at this position. Not in the grammar; an argument of its own. */
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  /** `count` events before the newest. */
  | { readonly kind: 'back'; readonly count: number };

/**
 * Splits and checks an address.
 *
 * @throws LogError BAD_STREAM_ADDRESS; `reason`: empty, shape, length, segment, space, control, invisible, normal_form, surrogate.
 */
export function parseStreamAddress(address: string): StreamAddress {
  const reason = addressFault(address);
  if (reason !== null) throw badAddress(address, reason);
  const slash = address.indexOf('/');
  return { streamType: address.slice(0, slash), streamId: address.slice(slash + 1) };
}

/** What to say of a stream that is not there: that there is none, or that there cannot be one (bad-input G11). */
export function streamNotFound(address: string): LogError {
  const reason = addressFault(address);
  return reason === null ? new LogError('NOT_FOUND', `There is no stream ${address}.`, { details: { reason: 'stream', stream: address }, hint: 'List the streams, or check the type and the id.' }) : badAddress(address, reason);
}

export const formatStreamAddress = ({ streamType, streamId }: StreamAddress): string => `${streamType}/${streamId}`;

/**
 * Reads `type/id` or `type/id@place`; without a place it is the newest one.
 *
 * @throws LogError BAD_STREAM_ADDRESS as `parseStreamAddress`, and `escape` for a `%` that is neither `%40` nor `%25`.
 * @throws LogError BAD_TIMESTAMP when what follows the `@` is no place.
 */
export function parsePlace(text: string): StreamAddress & { readonly place: Place } {
  const at = text.indexOf('@');
  const address = parseStreamAddress(unescape(at < 0 ? text : text.slice(0, at)));
  return { ...address, place: at < 0 ? { kind: 'end' } : parsePlaceSuffix(text.slice(at + 1)) };
}

/**
 * Reads what stands after the `@`.
 *
 * @throws LogError BAD_TIMESTAMP when it is none of: revision, instant, `start`, `end`, `~n`.
 */
export function parsePlaceSuffix(text: string): Place {
  if (text === 'start' || text === 'end') return { kind: text };
  const number = /^~?(\d{1,15})$/.exec(text);
  if (number !== null) return text[0] === '~' ? { kind: 'back', count: Number(number[1]) } : { kind: 'revision', revision: Number(number[1]) };
  const instant = normalInstant(text);
  if (instant !== null) return { kind: 'instant', at: instant };
  throw new LogError('BAD_TIMESTAMP', `"${text.slice(0, 64).toWellFormed()}" is no place in a stream.`, {
    details: { reason: 'place' },
    hint: 'Write a revision (@12), an instant with an offset (@2025-12-22T10:00:00Z), @start, @end or @~10; write @ inside an id as %40.',
  });
}

/** The text that `parsePlace` reads back. */
export function formatPlace(address: StreamAddress, place: Place): string {
  return `${formatStreamAddress(address).replaceAll('%', '%25').replaceAll('@', '%40')}@${formatPlaceSuffix(place)}`;
}

function formatPlaceSuffix(place: Place): string {
  switch (place.kind) {
    case 'revision':
      return String(place.revision);
    case 'instant':
      return place.at;
    case 'back':
      return `~${place.count}`;
    case 'start':
    case 'end':
      return place.kind;
    case 'known':
    case 'position':
      throw new LogError('BAD_REQUEST', `A place by ${place.kind} has no text.`, { details: { reason: 'place' }, hint: 'Resolve it to a revision first.' });
  }
}

function unescape(text: string): string {
  if (/%(?!40|25)/.test(text))
    throw new LogError('BAD_STREAM_ADDRESS', `${JSON.stringify(text.slice(0, 64).toWellFormed())} holds a bare %.`, {
      details: { reason: 'escape' },
      hint: 'Inside a place, write % as %25 and @ as %40.',
    });
  return text.replaceAll('%40', '@').replaceAll('%25', '%');
}

type AddressFault = 'empty' | 'length' | 'surrogate' | 'shape' | 'control' | 'invisible' | 'segment' | 'space' | 'normal_form';

const addressHints: { readonly [fault in AddressFault]: string } = {
  empty: 'Write type/id, for example job/42.',
  length: `Keep an address within ${defaultLimits.streamAddressBytesMax} bytes of UTF-8.`,
  surrogate: 'Send well-formed Unicode.',
  shape: 'Write type/id, for example job/42; neither may be empty.',
  control: 'Leave out control characters and line ends.',
  invisible: 'Leave out invisible characters and those that turn the direction of writing.',
  segment: 'Leave out empty, "." and ".." segments.',
  space: 'Leave out space at the ends of the type, of the id, and around slashes.',
  normal_form: 'Send the address in Unicode normal form NFC.',
};

/** What is wrong with it; the first fault found. */
const badAddress = (address: string, reason: AddressFault): LogError =>
  new LogError('BAD_STREAM_ADDRESS', `${JSON.stringify(address.slice(0, 64).toWellFormed())} is no stream address.`, {
    details: { reason, ...(reason === 'length' ? { limit: defaultLimits.streamAddressBytesMax } : {}) },
    hint: addressHints[reason],
  });

function addressFault(address: string): AddressFault | null {
  if (plainAddress.test(address)) return null;
  if (address === '') return 'empty';
  if (encodeUtf8(address).length > defaultLimits.streamAddressBytesMax) return 'length';
  if (!address.isWellFormed()) return 'surrogate';
  const slash = address.indexOf('/');
  if (slash <= 0 || slash === address.length - 1) return 'shape';
  if (controls.test(address)) return 'control';
  if (invisibles.test(address)) return 'invisible';
  const segments = address.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return 'segment';
  if (segments.some((segment) => segment !== segment.trim())) return 'space';
  if (address !== address.normalize('NFC')) return 'normal_form';
  return null;
}

/** What nearly every address looks like; it passes without a second look. */
const plainAddress = /^[a-z][a-z0-9_]{0,62}\/[A-Za-z0-9_-][A-Za-z0-9_.:-]{0,127}$/;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** Soft hyphen, bidirectional controls, zero-width space and no-break space, word joiner. Joiners inside emoji stay. */
const invisibles = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/;
