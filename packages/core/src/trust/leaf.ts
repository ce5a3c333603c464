/**
 * The leaf: eleven lines that fix an event for ever, and its hash. No JSON, so that a foreign verifier needs no parser.
 *
 * The payload and the metadata are in it only as salted commitments, so erasing them (with their salts) leaves every proof
 * whole and nothing to guess from. Line 9 is the leaf hash of the stream's revision before: the chain. The position is not in
 * it: leaf index = position - 1. Source: TRUST.md section 3, RFC 6962 section 2.1.
 */
import { encodeUtf8, passingUtf8 } from '../log/bytes.ts';
import type { Linker, Recorded } from '../log/driver.ts';
import type { Hasher } from '../ports.ts';
import { base64Of } from './base64.ts';
import { encodeBody, encodeErasedBody, sliceBody } from './body.ts';
import type { BodyParts, Commitments, SlicedBody } from './body.ts';

export interface LeafFields {
  /** Names the log for ever: `audit.acme.example/prod`. */
  readonly origin: string;
  readonly stream: string;
  readonly revision: number;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: string;
  /** The stored text. */
  readonly recordedAt: string;
  /** `type:id`. */
  readonly actor: string;
  /** 32 bytes; null at revision 1. */
  readonly previousLeaf: Uint8Array | null;
  readonly commitments: Commitments;
}

/** The eleven lines, a line feed after each. */
export function leafText(fields: LeafFields): string {
  const { origin, stream, revision, eventId, type, schemaVersion, recordedAt, actor, previousLeaf, commitments } = fields;
  const readable = `${percentEncoded(origin)}\n${percentEncoded(stream)}\n${revision}\n${percentEncoded(eventId)}\n${percentEncoded(`${type}/${schemaVersion}`)}\n${percentEncoded(recordedAt)}\n${percentEncoded(actor)}`;
  return `refold/leaf/v1\n${readable}\n${previousLeaf === null ? '-' : base64Of(previousLeaf)}\n${commitments[0]}\n${commitments[1]}\n`;
}

/** SHA-256 over 0x00 and the text (RFC 6962, section 2.1): a leaf can never be taken for an inner node. */
export const leafHash = (hasher: Hasher, text: string): Uint8Array => hasher.sha256(passingUtf8(`\u0000${text}`));

const payloadDomain = encodeUtf8('refold/payload/v1\n');
const metadataDomain = encodeUtf8('refold/metadata/v1\n');

const payloadCommitment = (hasher: Hasher, salt: Uint8Array, payload: Uint8Array): string => commitment(hasher, payloadDomain, salt, payload);
const metadataCommitment = (hasher: Hasher, salt: Uint8Array, metadata: Uint8Array): string => commitment(hasher, metadataDomain, salt, metadata);

/** Both commitments of a body, base64; computed, or read from what `forget` left. */
export const commitmentsOf = (hasher: Hasher, body: Uint8Array): Commitments => boundBody(hasher, body).commitments;

export interface LeafLinker extends Linker {
  /**
   * The body of an event that is about to be appended, and its commitments. They are remembered until `link` meets the same
   * array, so that the front (for the commit digest) and the driver (for the leaf) hash a payload once between them.
   */
  commit(parts: BodyParts): { readonly body: Uint8Array; readonly commitments: Commitments };
}

/**
 * The functions that a driver links with inside its append transaction.
 *
 * @param log.origin  Name of the log, line 2 of every leaf.
 * Both throw LogError INTEGRITY_VIOLATION `body` on bytes that `encodeBody` did not make.
 * Cost: three hashes and about 1 us for an event of 1 KB.
 */
export function createLinker({ origin, hasher }: { readonly origin: string; readonly hasher: Hasher }): LeafLinker {
  const remembered = new WeakMap<Uint8Array, BoundBody>();

  return {
    commit(parts) {
      const { actor, schema, payload, metadata, salts } = parts;
      const commitments = [commitmentOfText(hasher, payloadDomain, salts[0], payload), commitmentOfText(hasher, metadataDomain, salts[1], metadata)] as const;
      const body = encodeBody(parts);
      remembered.set(body, { actor, schema, commitments });
      return { body, commitments };
    },
    link(event, previousLeaf) {
      const bound = remembered.get(event.body) ?? boundBody(hasher, event.body);
      remembered.delete(event.body);
      return leafHash(hasher, leafText(fieldsOf(origin, event, bound, previousLeaf)));
    },
    remainder({ body }) {
      return encodeErasedBody(boundBody(hasher, body));
    },
  };
}

/** What of a body is in the leaf. */
type BoundBody = Pick<SlicedBody, 'actor' | 'schema'> & { readonly commitments: Commitments };

/** The leaf's fields of a recorded event, for proof packs and verifiers. */
export const leafFieldsOf = (hasher: Hasher, origin: string, event: Recorded): LeafFields => fieldsOf(origin, event, boundBody(hasher, event.body), event.previousLeaf ?? null);

function fieldsOf(origin: string, event: Omit<Recorded, 'leaf' | 'previousLeaf'>, bound: BoundBody, previousLeaf: Uint8Array | null): LeafFields {
  const { stream, revision, id, type, recordedAt } = event;
  return { origin, stream, revision, eventId: id, type, schemaVersion: bound.schema, recordedAt, actor: bound.actor, previousLeaf, commitments: bound.commitments };
}

/** Computes the commitments of a whole body; of an erased one they are all that is left. */
function boundBody(hasher: Hasher, body: Uint8Array): BoundBody {
  const sliced = sliceBody(body);
  if (sliced.kind === 'erased') return sliced;
  const { actor, schema, payload, metadata, salts } = sliced;
  return { actor, schema, commitments: [payloadCommitment(hasher, salts[0], payload), metadataCommitment(hasher, salts[1], metadata)] };
}

function commitment(hasher: Hasher, domain: Uint8Array, salt: Uint8Array, content: Uint8Array): string {
  const bytes = new Uint8Array(domain.length + salt.length + content.length);
  bytes.set(domain);
  bytes.set(salt, domain.length);
  bytes.set(content, domain.length + salt.length);
  return base64Of(hasher.sha256(bytes));
}

/** The same of a text that `encodeBody` writes as it is: the bytes hashed here are those it stores. */
const commitmentOfText = (hasher: Hasher, domain: Uint8Array, salt: Uint8Array, content: string): string => base64Of(hasher.sha256(passingUtf8(content, [domain, salt])));

const reserved = /[^A-Za-z0-9._~:@+\-/]/u;
const everyReserved = new RegExp(reserved, 'gu');

/** So that no field holds a space, a line feed or a control. */
const percentEncoded = (field: string): string => (reserved.test(field) ? field.replace(everyReserved, percentOf) : field);

function percentOf(character: string): string {
  let encoded = '';
  for (const byte of encodeUtf8(character)) encoded += `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;
  return encoded;
}
