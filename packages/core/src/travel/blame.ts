/**
 * The first bad event, and how it led to what is asked about. Source of the definition: UI.md section 1.
 *
 * What is asked about (the target): the event at a place given by number, when it is bad itself; else the event that moved the
 * stream to `failed`; else the first unresolved error; else nothing is bad here, and what failed on the way without that is
 * listed, for a person to ask about by number. First bad = the earliest bad event among the target and what it came from over
 * recorded edges. Inferred edges may lead further back: their suspects are told apart, and
 * after the recorded ones.
 *
 * A call can succeed and still be wrong; no record says so. Then a reference run (the first difference from it) or an
 * expectation (the first event after which it did not hold) decides, and comes first.
 */
import { LogError } from '../errors.ts';
import { compileExpression } from '../expression/expression.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import type { Ancestor, BlameEvent, Link } from './ancestor.ts';
import { ancestryOf, createDescription } from './ancestry.ts';
import type { Ancestry, AncestryOptions } from './ancestry.ts';
import { cutAt } from './cut.ts';
import type { Cut } from './cut.ts';
import { divergence } from './divergence.ts';
import type { Divergence } from './divergence.ts';
import { flips } from './flips.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import { provenance } from './provenance.ts';
import type { Provenance } from './provenance.ts';
import type { TravelParts } from './reconstruct.ts';
import { eventAt } from './stream-reader.ts';
import { survey } from './survey.ts';
import type { BadReason, Survey } from './survey.ts';

/** One step of a chain, from the earlier event to the later. */
export type BlameEdge = Link & { readonly from: BlameEvent; readonly to: BlameEvent };

export type Basis = 'divergence' | 'expectation' | 'recorded' | 'inferred';

export interface Suspect {
  readonly event: BlameEvent;
  /** What speaks against it: a comparison, an expectation, or being bad itself and reached over edges of this kind. */
  readonly basis: Basis;
  /** Why the event is bad in itself; null when only the comparison or the expectation says so. */
  readonly why: BadReason | null;
  /** From the suspect to the target; empty for the target itself, and when nothing connects the two. Of a long chain both ends. */
  readonly chain: readonly BlameEdge[];
  /** Edges of the whole chain. */
  readonly hops: number;
  readonly isConnected: boolean;
  /** Of its weakest edge; 1 when all are recorded. */
  readonly strength: number;
}

export type TargetReason = 'at_place' | 'stream_failed' | 'unresolved_error' | 'value' | 'end';

export interface Blame {
  /** null: nothing bad here. */
  readonly target: BlameEvent | null;
  readonly targetReason: TargetReason | null;
  readonly firstBad: Suspect | null;
  /** Best first, at most `suspectsMax`. */
  readonly suspects: readonly Suspect[];
  /** Recorded causes of the target alone, nearest first; at most 64. */
  readonly causes: readonly BlameEvent[];
  /** What failed in the stream and did not move on from it, whether or not it did harm; earliest first, at most `suspectsMax`. */
  readonly failures: readonly BlameEvent[];
  readonly failuresTotal: number;
  /** The first difference from the reference. */
  readonly divergence: Divergence | null;
  /** Who set the value that was asked about. */
  readonly value: readonly Provenance[] | null;
  readonly dangling: Ancestry['dangling'];
  /** Not every ancestor was looked at. */
  readonly truncated: boolean;
}

export interface BlameOptions extends AncestryOptions {
  /** A run that worked. */
  readonly reference?: StreamAddress;
  readonly ignore?: Partial<IgnoreRules>;
  /** CEL (scope `debug`) that should hold at every event; where it cannot be evaluated it says nothing. */
  readonly expectation?: string;
  /** JSON pointer into the state: asks who set this value, and what led to that. */
  readonly pointer?: string;
  /** Default 20. */
  readonly suspectsMax?: number;
}

/**
 * Finds the first bad event.
 *
 * @throws LogError as `reconstruct` for the place; BAD_EXPRESSION; NOT_FOUND `path` when nothing was ever at the pointer.
 * Cost: one fold up to the place and one read back; with a reference or an expectation one more read.
 */
export async function blame(parts: TravelParts, address: StreamAddress, place: Place, options: BlameOptions = {}): Promise<Blame> {
  if (options.expectation !== undefined) compileExpression(options.expectation, { scope: 'debug', result: 'bool' });
  const cut = await cutAt(parts.reader, formatStreamAddress(address), place, parts.timeIndexes);
  const found = await survey(parts, address, cut);
  const value = options.pointer === undefined ? null : await provenance(parts, address, place, options.pointer);
  const target = await targetOf(parts, address, place, found, value, options);
  const first = await firstDifference(parts, address, cut, options);
  const { suspectsMax = 20 } = options;
  const describe = createDescription(parts, found);
  const failed = { failures: found.failures.slice(0, suspectsMax).map((event) => describe(event).event), failuresTotal: found.failures.length };
  if (target === null) return { target: null, targetReason: null, firstBad: null, suspects: [], causes: [], ...failed, divergence: first, value, dangling: [], truncated: false };

  const accused = [await divergentEvent(parts, address, first), await brokenExpectation(parts, address, cut, options.expectation)].filter((entry) => entry !== null).toSorted((a, b) => a.event.revision - b.event.revision);
  const ancestry = await ancestryOf(parts, found, target.event, { ...options, keep: new Set(accused.map(({ event }) => event.id)) });
  const suspects = withoutRepeats([...accused.map((entry) => accusedSuspect(parts, entry, ancestry, found)), ...badSuspects(ancestry)]);
  return {
    target: ancestry.target.event,
    targetReason: target.reason,
    firstBad: suspects[0] ?? null,
    suspects: suspects.slice(0, suspectsMax),
    causes: ancestry.causes,
    ...failed,
    divergence: first,
    value,
    dangling: ancestry.dangling,
    truncated: ancestry.truncated,
  };
}

interface Target {
  readonly event: EventEnvelope;
  readonly reason: TargetReason;
}

async function targetOf(parts: TravelParts, address: StreamAddress, place: Place, found: Survey, value: readonly Provenance[] | null, options: BlameOptions): Promise<Target | null> {
  const { failure, unresolved, last, bad } = found;
  if (value !== null) return await setterOf(parts, address, value);
  if (last === null) return null;
  if ((place.kind === 'revision' || place.kind === 'position') && bad.has(last.revision)) return { event: last, reason: 'at_place' };
  if (failure !== null) return { event: failure, reason: 'stream_failed' };
  if (unresolved !== null) return { event: unresolved, reason: 'unresolved_error' };
  // Nothing says that it went wrong; whoever compares it with something asks about how it ended.
  return options.reference !== undefined || options.expectation !== undefined ? { event: last, reason: 'end' } : null;
}

async function setterOf({ reader }: TravelParts, address: StreamAddress, value: readonly Provenance[]): Promise<Target | null> {
  const newest = Math.max(0, ...value.map(({ setBy }) => setBy?.revision ?? 0));
  const event = newest === 0 ? null : await eventAt(reader, formatStreamAddress(address), newest);
  return event === null ? null : { event, reason: 'value' };
}

async function firstDifference(parts: TravelParts, address: StreamAddress, cut: Cut, { reference, ignore }: BlameOptions): Promise<Divergence | null> {
  if (reference === undefined) return null;
  const { first } = await divergence(parts, address, reference, { upTo: lastOf(cut), ...(ignore === undefined ? {} : { ignore }) });
  // Before the end of the run, what the reference has beyond it is still to come.
  return first?.run === null && lastOf(cut) < cut.head ? null : first;
}

const lastOf = ({ prefix, ranges }: Cut): Revision => ranges.at(-1)?.upTo ?? prefix;

interface Accused {
  readonly event: EventEnvelope;
  readonly basis: 'divergence' | 'expectation';
}

/** What the run lacks has no event in it to blame. */
async function divergentEvent({ reader }: TravelParts, address: StreamAddress, first: Divergence | null): Promise<Accused | null> {
  if (first === null || first.run === null) return null;
  const event = await eventAt(reader, formatStreamAddress(address), first.run.revision);
  return event === null ? null : { event, basis: 'divergence' };
}

async function brokenExpectation(parts: TravelParts, address: StreamAddress, cut: Cut, expectation: string | undefined): Promise<Accused | null> {
  if (expectation === undefined) return null;
  for await (const { to, revision } of flips(parts, address, expectation, { upTo: lastOf(cut) })) {
    if (to !== false) continue;
    const event = await eventAt(parts.reader, formatStreamAddress(address), revision);
    return event === null ? null : { event, basis: 'expectation' };
  }
  return null;
}

/** What the comparison names, and its chain when it is an ancestor of the target. */
function accusedSuspect(parts: TravelParts, { event, basis }: Accused, { kept }: Ancestry, found: Survey): Suspect {
  const ancestor = kept.find((candidate) => candidate.event.eventId === event.id);
  if (ancestor !== undefined) return suspectOf(ancestor, basis);
  const { event: named, bad: why } = createDescription(parts, found)(event);
  return { event: named, basis, why, chain: [], hops: 0, isConnected: false, strength: 1 };
}

/** Bad ancestors and the target: recorded before inferred, the earliest first. */
function badSuspects({ kept }: Ancestry): readonly Suspect[] {
  const bad = kept.filter((ancestor) => ancestor.bad !== null).toSorted((a, b) => a.event.position - b.event.position);
  const [sure, guessed] = [bad.filter(({ inferredHops }) => inferredHops === 0), bad.filter(({ inferredHops }) => inferredHops > 0)];
  return [...sure.map((ancestor) => suspectOf(ancestor, 'recorded')), ...guessed.map((ancestor) => suspectOf(ancestor, 'inferred'))];
}

/** Edges shown at each end of a long chain. */
const chainEndMax = 100;

function suspectOf(ancestor: Ancestor, basis: Basis): Suspect {
  const chain: BlameEdge[] = [];
  let strength = 1;
  for (let from = ancestor; from.next !== null; from = from.next.to) {
    const { to, link } = from.next;
    strength = Math.min(strength, link.strength);
    if (chain.length < chainEndMax || to.hops < chainEndMax) chain.push({ ...link, from: from.event, to: to.event });
  }
  return { event: ancestor.event, basis, why: ancestor.bad, chain, hops: ancestor.hops, isConnected: true, strength };
}

/** Who is accused by a comparison need not be named again for being bad. */
function withoutRepeats(suspects: readonly Suspect[]): readonly Suspect[] {
  const known = new Set<string>();
  return suspects.filter(({ event }) => !known.has(event.eventId) && known.add(event.eventId));
}

/**
 * The place `first-bad`: the revision of the first bad event over recorded edges.
 *
 * @throws LogError NOT_FOUND `first_bad` when nothing is bad in the stream.
 */
export async function firstBadRevision(parts: TravelParts, address: StreamAddress): Promise<Revision> {
  const { firstBad } = await blame(parts, address, { kind: 'end' }, { inferred: false });
  if (firstBad !== null) return firstBad.event.revision;
  throw new LogError('NOT_FOUND', `Nothing is bad in ${formatStreamAddress(address)}.`, { details: { reason: 'first_bad', stream: formatStreamAddress(address) }, hint: 'Name a revision, or compare with a run that worked.' });
}
