/**
 * Checks recorded events against everything that can be recomputed from them: body bytes, leaves, chains, revisions,
 * positions, times, and the tree heads that the caller trusts.
 *
 * What it keeps true: it never stops at the first fault, never repairs, and never skips in silence. What it could not judge
 * is counted in `notChecked`. Without a tree head from outside, a chain says nothing about somebody who can rewrite the whole
 * log: then every event is reported as unsealed (TRUST.md section 6). Memory: one leaf hash per stream, one entry per erased
 * payload, at most `findingsMax` findings.
 */
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import { decodeUtf8, hexOf } from '../log/bytes.ts';
import type { Position, Recorded, Revision } from '../log/driver.ts';
import type { Hasher } from '../ports.ts';
import { decodeBody, sliceBody, startsErased } from './body.ts';
import { canonicalText } from './canonical.ts';
import { createLinker } from './leaf.ts';
import type { LeafLinker } from './leaf.ts';
import type { TreeHead } from './note.ts';
import { parseJson } from './parse-json.ts';
import { isEqual } from './proof.ts';
import { addLeaf, emptyFrontier, rootOf } from './tree.ts';

/** Kinds of findings, a part of the product's violation codes. */
export type FindingCode = 'REVISION_MISSING' | 'REVISION_DUPLICATE' | 'ORDER' | 'PAYLOAD' | 'PAYLOAD_MISSING' | 'CHAIN' | 'INVALID_JSON' | 'ROOT' | 'TRUNCATED';

export interface Finding {
  readonly code: FindingCode;
  /** Where; null when the finding is about the log as a whole. */
  readonly position: Position | null;
  readonly revision: Revision | null;
  readonly stream: string | null;
  readonly eventId: string | null;
  readonly detail: string;
}

/**
 * erased_payload: the body is gone, on record; the leaf was checked from its commitments. covering_erasure: as before, but
 * the event that erased it was not among what was read. unlinked: no leaf is stored. predecessor: the revision before was not
 * read, so the link to it is taken on trust. unsealed: below no tree head that was given and matched.
 */
export type NotCheckedKind = 'erased_payload' | 'covering_erasure' | 'unlinked' | 'predecessor' | 'unsealed';

export interface NotChecked {
  readonly kind: NotCheckedKind;
  readonly count: number;
}

export interface VerifyOptions {
  readonly origin: string;
  readonly hasher: Hasher;
  /** What is read begins behind this position (of a stream: revision); 0 = at the beginning. */
  readonly after?: number;
  /** Tree heads that the caller trusts: kept elsewhere, or with a signature that was checked. Whole logs only. */
  readonly heads?: readonly Pick<TreeHead, 'size' | 'root'>[];
  /** Most findings that are kept; all are counted. */
  readonly findingsMax?: number;
}

export interface VerifyReport {
  /** No finding. Read `notChecked` too. */
  readonly ok: boolean;
  readonly checked: number;
  readonly streams: number;
  readonly findings: readonly Finding[];
  readonly findingsTotal: number;
  readonly firstBadPosition: Position | null;
  /** Size and root of what was read from the beginning of a whole log; null otherwise. */
  readonly tree: Pick<TreeHead, 'size' | 'root'> | null;
  readonly notChecked: readonly NotChecked[];
}

/** Pages of events in order, as a driver reads them. */
export type RecordPages = AsyncIterable<readonly Recorded[]> | Iterable<readonly Recorded[]>;

/** Checks a whole log, in order of position. */
export const verifyRecords = (pages: RecordPages, options: VerifyOptions): Promise<VerifyReport> => verify(pages, new Verifier('log', options));

/** Checks one stream, in order of revision. The tree and the gaps of positions are beyond one stream. */
export const verifyStream = (pages: RecordPages, options: VerifyOptions): Promise<VerifyReport> => verify(pages, new Verifier('stream', options));

async function verify(pages: RecordPages, verifier: Verifier): Promise<VerifyReport> {
  for await (const page of pages) for (const record of page) verifier.check(record);
  return verifier.report();
}

/** What a finding says of an event. Records share the bytes of their page, so none is kept. */
type Found = Pick<Recorded, 'id' | 'stream' | 'position' | 'revision'>;

/** Last event of a stream as the verifier saw it; the leaf is a copy of its own. */
interface Tail {
  readonly revision: Revision;
  readonly leaf: Uint8Array | null;
}

class Verifier {
  private readonly scope: 'log' | 'stream';
  private readonly options: VerifyOptions;
  private readonly linker: LeafLinker;
  private readonly tails = new Map<string, Tail>();
  private readonly erased = new Map<string, Found>();
  private readonly coveredIds = new Set<string>();
  private readonly findings: Finding[] = [];
  private readonly notChecked = new Map<NotCheckedKind, number>();
  private findingsTotal = 0;
  private firstBadPosition: Position | null = null;
  private checked = 0;
  private frontier = emptyFrontier;
  private sealed = 0;
  private previous: Recorded | null = null;

  constructor(scope: 'log' | 'stream', options: VerifyOptions) {
    this.scope = scope;
    this.options = options;
    this.linker = createLinker(options);
  }

  check(record: Recorded): void {
    this.checkPlace(record);
    this.checkTime(record);
    const tail = this.checkRevision(record);
    const leaf = this.checkLeaf(record, tail)?.slice() ?? null;
    this.noteErasure(record);
    if (this.scope === 'log') this.grow(record, leaf);
    this.tails.set(record.stream, { revision: record.revision, leaf });
    this.previous = record;
    this.checked++;
  }

  report(): VerifyReport {
    this.checkErasures();
    this.checkHeads();
    const isWhole = this.scope === 'log' && (this.options.after ?? 0) === 0;
    if (this.checked > this.sealed) this.notChecked.set('unsealed', this.checked - this.sealed);
    return {
      ok: this.findingsTotal === 0,
      checked: this.checked,
      streams: this.tails.size,
      findings: this.findings,
      findingsTotal: this.findingsTotal,
      firstBadPosition: this.firstBadPosition,
      tree: isWhole ? { size: this.frontier.size, root: rootOf(this.options.hasher, this.frontier) } : null,
      notChecked: [...this.notChecked].map(([kind, count]) => ({ kind, count })),
    };
  }

  /** Positions are gapless in a log and rise in a stream; the events of a commit stand together, in their order. */
  private checkPlace(record: Recorded): void {
    const before = this.previous?.position ?? (this.scope === 'log' ? (this.options.after ?? 0) : 0);
    if (record.position <= before) this.find('ORDER', record, `position ${record.position} comes after ${before}`);
    else if (this.scope === 'log' && record.position !== before + 1) this.find('ORDER', record, `positions ${before + 1} to ${record.position - 1} are missing`);
    if (this.scope !== 'log' || this.previous === null) return;
    const expected = record.commit === this.previous.commit ? this.previous.index + 1 : 0;
    if (record.index !== expected) this.find('ORDER', record, `index ${record.index} in commit ${record.commit}, where ${expected} belongs`);
  }

  private checkTime(record: Recorded): void {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(record.recordedAt)) this.find('ORDER', record, `recordedAt "${record.recordedAt}" is no time of this log`);
    else if (this.previous !== null && record.recordedAt < this.previous.recordedAt) this.find('ORDER', record, `recordedAt ${record.recordedAt} is earlier than ${this.previous.recordedAt} before it`);
  }

  /** Returns the revision before this one, as it was read; null when it was not. */
  private checkRevision(record: Recorded): Tail | null {
    const tail = this.tails.get(record.stream) ?? null;
    const isPartial = tail === null && (this.options.after ?? 0) > 0;
    if (isPartial && this.scope === 'log') return null;
    const before = tail?.revision ?? (this.scope === 'stream' ? (this.options.after ?? 0) : 0);
    if (record.revision <= before) this.find('REVISION_DUPLICATE', record, `revision ${record.revision} comes after revision ${before}`);
    else if (record.revision > before + 1) this.find('REVISION_MISSING', record, `revisions ${before + 1} to ${record.revision - 1} are missing`);
    return tail;
  }

  /** Returns the leaf that the next revision must name: the stored one, else what it should have been. */
  private checkLeaf(record: Recorded, tail: Tail | null): Uint8Array | null {
    const expected = this.expectedPrevious(record, tail);
    const named = record.previousLeaf ?? null;
    if (record.leaf === undefined) this.count('unlinked');
    else if (!isSame(named, expected)) this.find('CHAIN', record, `it names ${shortHex(named)} as the leaf before it, which is ${shortHex(expected)}`);

    if (record.body.length === 0) {
      this.find('PAYLOAD_MISSING', record, 'the body is absent');
      return record.leaf ?? null;
    }
    const computed = this.linked(record, named);
    if (computed === null) return record.leaf ?? null;
    if (record.leaf === undefined) return this.linked(record, expected);
    // A damaged link alone leaves the leaf right for the true one; that was found above.
    if (!isEqual(computed, record.leaf) && !isSame(this.linked(record, expected), record.leaf)) this.find('PAYLOAD', record, 'the leaf does not fit the body and the envelope');
    else this.checkCanonical(record);
    return record.leaf;
  }

  private expectedPrevious(record: Recorded, tail: Tail | null): Uint8Array | null {
    if (record.revision === 1) return null;
    if (tail !== null) return tail.leaf;
    if ((this.options.after ?? 0) === 0) return null;
    this.count('predecessor');
    return record.previousLeaf ?? null;
  }

  private linked(record: Recorded, previousLeaf: Uint8Array | null): Uint8Array | null {
    try {
      return this.linker.link(record, previousLeaf);
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      this.find('PAYLOAD', record, error.message);
      return null;
    }
  }

  /** Strict: the bytes are the one spelling of their value, so two readers cannot understand them differently. */
  private checkCanonical(record: Recorded): void {
    try {
      const text = decodeUtf8(record.body);
      if (canonicalText(parseJson(text), { limits: bodyLimits }) !== text) this.find('INVALID_JSON', record, 'the body is not in canonical form');
    } catch (error) {
      this.find('INVALID_JSON', record, `the body is not canonical JSON: ${(error as Error).message}`);
    }
  }

  private noteErasure(record: Recorded): void {
    if (record.type === erasureType) for (const id of erasedIds(record)) this.coveredIds.add(id);
    if (record.forgotten !== true && !isErased(record.body)) return;
    this.count('erased_payload');
    const { id, stream, position, revision } = record;
    this.erased.set(id, { id, stream, position, revision });
  }

  /** A payload may only be missing with an event that says why; that event always comes later. */
  private checkErasures(): void {
    for (const [id, record] of this.erased) {
      if (this.coveredIds.has(id)) continue;
      if (this.scope === 'log') this.find('PAYLOAD_MISSING', record, `the payload is gone and no ${erasureType} event names it`);
      else this.count('covering_erasure');
    }
  }

  private grow(record: Recorded, leaf: Uint8Array | null): void {
    if (leaf === null || (this.options.after ?? 0) > 0) return;
    this.frontier = addLeaf(this.options.hasher, this.frontier, leaf);
    for (const head of this.options.heads ?? []) {
      if (head.size !== this.frontier.size) continue;
      if (isEqual(rootOf(this.options.hasher, this.frontier), head.root)) this.sealed = Math.max(this.sealed, head.size);
      else this.find('ROOT', record, `the first ${head.size} events have not the root of the tree head of that size`);
    }
  }

  private checkHeads(): void {
    if (this.scope !== 'log' || (this.options.after ?? 0) > 0) return;
    for (const { size } of this.options.heads ?? []) if (size > this.frontier.size) this.find('TRUNCATED', null, `a tree head covers ${size} events, the log has ${this.frontier.size}`);
  }

  private count(kind: NotCheckedKind): void {
    this.notChecked.set(kind, (this.notChecked.get(kind) ?? 0) + 1);
  }

  private find(code: FindingCode, record: Found | null, detail: string): void {
    const position = record?.position ?? null;
    this.findingsTotal++;
    if (position !== null && (this.firstBadPosition === null || position < this.firstBadPosition)) this.firstBadPosition = position;
    if (this.findings.length >= (this.options.findingsMax ?? 1_000)) return;
    this.findings.push({ code, position, revision: record?.revision ?? null, stream: record?.stream ?? null, eventId: record?.id ?? null, detail });
  }
}

// A body wraps payload and metadata in one more level and five keys, and its two halves share the event's limits.
const bodyLimits = { jsonDepthMax: defaultLimits.jsonDepthMax + 1, jsonKeysMax: Infinity, jsonKeyBytesMax: defaultLimits.jsonKeyBytesMax, eventBytesMax: Infinity };

const erasureType = 'payload.erased';

/** Ids that an erasure event names: `targets` of `{ eventId }` (any spelling of the documents), or of bare ids. */
function erasedIds(record: Recorded): readonly string[] {
  const data = readable(() => decodeBody(record.body));
  const targets = data?.kind === 'whole' ? data.data['targets'] : [];
  return Array.isArray(targets) ? targets.map(idOf).filter((id) => typeof id === 'string') : [];
}

function idOf(target: unknown): unknown {
  if (typeof target !== 'object' || target === null) return target;
  const { eventId, event_id } = target as { readonly eventId?: unknown; readonly event_id?: unknown };
  return eventId ?? event_id;
}

const isErased = (body: Uint8Array): boolean => readable(() => startsErased(body) && sliceBody(body).kind === 'erased') === true;

/** Null for a damaged body, which has its own finding. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean => (a === null || b === null ? a === b : isEqual(a, b));
const shortHex = (leaf: Uint8Array | null): string => (leaf === null ? 'nothing' : `${hexOf(leaf).slice(0, 16)}…`);
