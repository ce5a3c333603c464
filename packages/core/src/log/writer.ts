/**
 * The way of a write: address -> complete -> validate -> redact -> judge -> canonical bytes -> commit -> batch -> driver.
 *
 * What it keeps true:
 * - Appends of one process to a stream are judged in the order of the calls, whether or not the caller waits for one before
 *   making the next. From the moment the tails are there until the commit is queued nothing is awaited, so each is judged on
 *   the state that the one before it leaves. Other processes are met by a revision check that every
 *   commit carries, and by the order in which appends are judged (commit-order.ts); when a race is lost by a caller who
 *   expected nothing, the same events are judged again on the newer state.
 * - A refusal that rests on a state is only given for what is in the log: never for a state that another append of this
 *   process was still going to make, nor for one that another process has left behind.
 * - Being written already comes before every refusal (S11): a commit sent again answers its first receipt even if its
 *   transition would be illegal now. The stored commit is looked for only when a refusal is about to be given.
 * - A resend of an unknown outcome is the very same commit, salts and all (batcher.ts). A resend from a fresh process has
 *   other salts and so another digest; then contents are compared (earlier-commit.ts).
 */
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import type { State } from '../fold/aggregate.ts';
import type { Fold } from '../fold/fold.ts';
import { refusalOf as illegalTransition } from '../fold/verdict.ts';
import type { Limits } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Redactor } from '../schema/redact.ts';
import type { Registry } from '../schema/registry.ts';
import { unknownFieldsOf, validateEvent } from '../schema/validate.ts';
import type { LeafLinker } from '../trust/leaf.ts';
import type { AppendReceipt, AppendRequest } from './append.ts';
import { receiptOf, refusalOf, tooBusy } from './append-answer.ts';
import type { JudgedCommit } from './append-answer.ts';
import type { Batcher } from './batcher.ts';
import { commitDigest } from './commit-digest.ts';
import { assertOwnCommit } from './commit-limits.ts';
import { createCommitOrder } from './commit-order.ts';
import { causeToAsk, completeEvent } from './complete.ts';
import type { AddressedEvent, PendingEvent } from './complete.ts';
import type { AppendResult, Commit, LogDriver, NewEvent, Revision } from './driver.ts';
import { findEarlierCommit } from './earlier-commit.ts';
import { brokenBy, checksFor, conflict, holds } from './expectations.ts';
import type { Broken, Expectations } from './expectations.ts';
import { atIndex, readIntent } from './intent.ts';
import type { Intent } from './intent.ts';
import type { Pseudonym } from './pseudonym.ts';
import { encodeEvent, envelopeOf } from './record.ts';
import type { EncodedEvent } from './record.ts';
import { redactEvent, withNotes } from './redact-event.ts';
import type { StreamTails, Tail } from './stream-tails.ts';

export interface WriterSettings {
  readonly transitions: 'enforce' | 'flag';
  readonly validation: 'strict' | 'flag';
}

export interface WriterParts {
  readonly driver: LogDriver;
  readonly batcher: Batcher;
  readonly tails: StreamTails;
  /** The state of a stream as the log has it, for the caller alone. */
  readonly newest: (address: string) => Promise<State>;
  readonly fold: Fold;
  readonly registry: Registry;
  readonly redactor: Redactor;
  readonly ports: Ports;
  readonly limits: Limits;
  readonly settings: WriterSettings;
  /** Makes bodies and their salted commitments (trust/leaf.ts). */
  readonly commit: LeafLinker['commit'];
  /** How leaf and tags show an actor's id. */
  readonly pseudonym: Pseudonym;
  /** Told of the events of every commit that was written. */
  readonly onWritten?: (events: readonly PendingEvent[]) => void;
}

export interface Writer {
  append(request: AppendRequest): Promise<AppendReceipt>;
  /** What an append would have against each event, had those before it that are sound been written. Nothing is. */
  rehearse(request: Rehearsal): Promise<readonly (readonly Remark[])[]>;
}

export type Rehearsal = Pick<AppendRequest, 'events' | 'principal' | 'commitId'>;

/** What is wrong with an event: refused, or marked where that is asked for. */
export interface Remark {
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
}

/** By what an event is judged, beside the state. */
interface Bench {
  readonly principal: AppendRequest['principal'];
  readonly trace: AppendRequest['trace'];
  readonly mode: 'strict' | 'flag';
  readonly isEnforced: boolean;
  readonly now: string;
  readonly chains: Chains;
}

/** The streams a commit writes, where they stand, by address. */
type Tails = ReadonlyMap<string, Tail>;
type Chains = ReadonlyMap<string, readonly string[]>;

/** On what a commit is judged. */
interface Grounds {
  readonly current: Tails;
  readonly judgedOn: ReadonlyMap<string, Revision>;
  readonly causes: Chains;
  /** When the append was called. */
  readonly now: string;
  /** A race was lost on the state before. */
  readonly isRetry: boolean;
}

/** A commit that was judged and queued. */
interface Attempt extends JudgedCommit {
  /** Rejects with weather. */
  readonly answer: Promise<AppendResult>;
}

/** Refusals that another state might not give. */
const restingOnState: ReadonlySet<ErrorCode> = new Set(['ILLEGAL_TRANSITION', 'BEFORE_MISMATCH', 'MISSING_FIELD', 'SCHEMA_VIOLATION', 'FOLD_FAILED']);

export function createWriter(parts: WriterParts): Writer {
  const { driver, batcher, tails, fold, registry, redactor, ports, limits, settings } = parts;
  const order = createCommitOrder();
  /** Of events that are queued and have no answer yet: a cause may be named before it is in the log. */
  const chainsUnderWay = new Map<string, readonly string[]>();
  const hasOtherWriters = driver.capabilities.writers !== 'one-process';

  async function append(request: AppendRequest): Promise<AppendReceipt> {
    const intent = readIntent(request, registry, ports, limits, { validation: request.validation ?? settings.validation });
    const { commitId, events, addresses, isResendable } = intent;
    // What does not say when it happened happened now, not when its turn comes.
    const now = nowText();
    const earlier = async (): Promise<AppendReceipt | null> => (isResendable ? await findEarlierCommit({ driver, commitId, events, redactor, principal: request.principal }) : null);

    // What rests on a state is alone on its streams from here to its answer; anything else goes along with those before it.
    const isAlone = hasOtherWriters && restsOnState(intent);
    let turn = order.turn(addresses);
    try {
      for (let round = 0; ; round++) {
        // Nothing is awaited without need: appends of one moment on streams that are free go in the order of their calls.
        if (turn.comes !== null) await turn.comes;
        if (isAlone && order.isUnderWay(addresses)) await order.settled(addresses);
        let attempt: Attempt;
        try {
          attempt = await judgeOnNewest(intent, { now, isRetry: round > 0 });
        } catch (refusal) {
          const receipt = await earlier();
          if (receipt === null) throw refusal;
          return receipt;
        }
        if (!isAlone) turn.giveOn();
        request.onQueued?.(attempt.pending);
        const result = await attempt.answer;
        if (result.ok) {
          if (!result.duplicate) parts.onWritten?.(attempt.pending);
          return receiptOf(attempt, result);
        }
        if (result.reason !== 'conflict') {
          const receipt = await earlier();
          if (receipt !== null) return receipt;
          throw refusalOf(result, commitId);
        }
        const [first, ...others] = brokenBy(result.failed, attempt.commit.checks ?? [], intent.expectations);
        if (first !== undefined) throw conflict([first, ...others]);
        if (round >= limits.conflictRetriesMax) throw tooBusy(events[0]!.address, round + 1);
        if (!isAlone) turn = order.turn(addresses);
      }
    } finally {
      turn.giveOn();
    }
  }

  async function judgeOnNewest(intent: Intent, asked: Pick<Grounds, 'now' | 'isRetry'>): Promise<Attempt> {
    for (let round = 0; ; round++) {
      let current = tailsAtHand(intent) ?? (await tailsFor(intent));
      const causes = causesToAsk(intent.events, current);
      const chains = causes.length === 0 ? noChains : await chainsOf(causes);
      // Another append may meanwhile have been judged on these tails, or been refused half-way, which spoils them.
      while (!areSound(current, intent.expectations)) current = await tailsFor(intent);
      // Nothing is awaited from here until the commit is queued.
      const judgedOn = new Map<string, Revision>();
      for (const [address, { state }] of current) judgedOn.set(address, state.revision);
      try {
        return judge(intent, { ...asked, current, judgedOn, causes: chains });
      } catch (refusal) {
        const isFinal = !(refusal instanceof LogError) || !restingOnState.has(refusal.code) || round >= limits.conflictRetriesMax;
        if (isFinal || (await isNewest(judgedOn))) throw refusal;
      }
    }
  }

  const nowText = (): string => new Date(ports.clock.now()).toISOString();

  /** The tails when all of them are in memory; null when one is not. */
  function tailsAtHand({ addresses }: Intent): Tails | null {
    const current = new Map<string, Tail>();
    for (const address of addresses) {
      const tail = tails.cached(address);
      if (tail === undefined) return null;
      current.set(address, tail);
    }
    return current;
  }

  /** The tails of every stream that is written, each where the caller expects it. */
  async function tailsFor({ addresses, expectations }: Intent): Promise<Tails> {
    const load = async (): Promise<Tails> => new Map(await Promise.all(addresses.map(async (address) => [address, await tails.get(address)] as const)));
    const current = await load();
    if (areSound(current, expectations)) return current;
    // The cache may be behind another process, or ahead of the log by what will not be written.
    await order.settled(addresses);
    for (const tail of current.values()) if (!holds(expectations.of(tail.address), tail.state.revision)) tails.drop(tail);
    const fresh = await load();
    const [first, ...others] = brokenIn(fresh, expectations);
    if (first === undefined) return fresh;
    const elsewhere = await Promise.all(expectations.streams.filter((stream) => !fresh.has(stream)).map(async (stream) => ({ stream, expected: expectations.of(stream), actual: await revisionOf(stream) })));
    throw conflict([first, ...others, ...elsewhere.filter(({ expected, actual }) => !holds(expected, actual))]);
  }

  /** The chains of these events; ids of nothing in this log are left out. */
  async function chainsOf(ids: readonly string[]): Promise<Chains> {
    const chains = new Map<string, readonly string[]>();
    for (const id of ids) if (chainsUnderWay.has(id)) chains.set(id, chainsUnderWay.get(id)!);
    if (chains.size === ids.length) return chains;
    for await (const page of driver.read({ ids })) for (const record of page.events) chains.set(record.id, envelopeOf(record).correlationChain);
    return chains;
  }

  /** True when the log stands where these streams were judged; what the cache holds of older states is dropped. */
  async function isNewest(judgedOn: ReadonlyMap<string, Revision>): Promise<boolean> {
    const isAllWritten = await order.settled([...judgedOn.keys()]);
    let isSame = isAllWritten;
    for (const [address, revision] of judgedOn) {
      const actual = await revisionOf(address);
      const cached = tails.cached(address);
      if (cached !== undefined && cached.state.revision < actual) tails.drop(cached);
      isSame &&= actual === revision;
    }
    return isSame;
  }

  async function revisionOf(address: string): Promise<Revision> {
    const [found] = await driver.streams({ prefix: address, limit: 1 });
    return found?.stream === address ? found.revision : 0;
  }

  /** Judges every event on the state that the one before it leaves, and queues the commit. Synchronous. */
  function judge({ request, commitId, events, addresses, expectations }: Intent, { current, judgedOn, causes, now, isRetry }: Grounds): Attempt {
    const mode = (request.validation ?? settings.validation) === 'strict' ? 'strict' : 'flag';
    const isEnforced = isEnforcedIn(request);
    const checks = checksFor(expectations, judgedOn);
    const chains = new Map(causes);
    const pending: PendingEvent[] = [];
    const warnings: string[] = [];
    const touched: Tail[] = [];

    try {
      for (const [index, event] of events.entries()) {
        const tail = current.get(event.address)!;
        const { ready, remarks } = atIndex(index, events.length, () => judgeEvent(event, tail, { mode, isEnforced, now, chains, principal: request.principal, trace: request.trace }));
        warnings.push(...remarks.map(({ code, detail }) => `${code}: ${detail}`));
        touched.push(tail);
        tail.state = fold.evolveDraft(tail.state, ready);
        chains.set(ready.id, ready.correlationChain);
        pending.push(ready);
      }
      const commit = commitOf(commitId, encodeAll(pending, request.sanitize ?? false), checks);
      const answer = answerTo(commit, pending, current, { isRetry });
      order.queued(addresses, answer.then((result) => result.ok, () => false));
      return { commit, pending, warnings, answer };
    } catch (error) {
      // The drafts of a commit that is refused half-way are not the stream's state.
      for (const tail of touched) tails.drop(tail);
      throw error;
    }
  }

  /** One event on the state of its stream: what would be stored, and what is to be said about it. */
  function judgeEvent(event: AddressedEvent, tail: Tail, { mode, isEnforced, now, chains, principal, trace }: Bench): { readonly ready: PendingEvent; readonly remarks: readonly Remark[] } {
    const complete = completeEvent(event, { state: tail.state, registry, now, chainOf: (id) => chains.get(id.toLowerCase()), principal, trace });
    const violations = validateEvent(complete, registry, { mode, now, limits });
    const { event: safe, redactions } = redactEvent(complete, redactor);
    const remarks = [...(mode === 'flag' ? unknownFieldsOf(event.input) : []), ...violations, ...objections(safe, tail, isEnforced)];
    if (redactions.length === 0 && remarks.length === 0) return { ready: safe, remarks };
    const metadata = withNotes(safe.metadata, 'redactions', redactions.map((redaction) => ({ ...redaction })));
    return { ready: { ...safe, metadata: withNotes(metadata, 'violations', [...new Set(remarks.map(({ code }) => code))]) }, remarks };
  }

  /** Judges on states of its own, which are those of the log, and goes on where an append would end. */
  async function rehearse(request: Rehearsal): Promise<readonly (readonly Remark[])[]> {
    const { events, principal } = request;
    const now = nowText();
    const states = new Map<string, Tail>();
    const chains = new Map<string, readonly string[]>();
    const answers: (readonly Remark[])[] = [];
    for (const input of events) {
      try {
        const event = readIntent({ events: [input] }, registry, ports, limits, { validation: 'flag' }).events[0]!;
        const tail = states.get(event.address) ?? { address: event.address, state: await parts.newest(event.address), isDropped: false };
        states.delete(event.address);
        for (const [id, chain] of await chainsOf(causesToAsk([event], new Map([[event.address, tail]])).filter((id) => !chains.has(id)))) chains.set(id, chain);
        const { ready, remarks } = judgeEvent(event, tail, { mode: 'flag', isEnforced: false, now, chains, principal, trace: undefined });
        encodeAll([ready], false);
        if (remarks.length === 0) {
          tail.state = fold.evolveDraft(tail.state, ready);
          chains.set(ready.id, ready.correlationChain);
        }
        // A state that a refusal left half-way is not put back; it is folded again.
        states.set(event.address, tail);
        answers.push(remarks);
      } catch (refusal) {
        if (!(refusal instanceof LogError)) throw refusal;
        answers.push([{ code: refusal.code, detail: refusal.message, ...(refusal.details.pointer === undefined ? {} : { pointer: refusal.details.pointer }) }]);
      }
    }
    const isSound = answers.every((remarks) => remarks.length === 0);
    return isSound || !(await isWritten(request)) ? answers : answers.map(() => []);
  }

  /** What is in the log already is answered with its receipt, whatever the state says now (S11). */
  async function isWritten(request: Rehearsal): Promise<boolean> {
    try {
      const { commitId, events, isResendable } = readIntent(request, registry, ports, limits, { validation: 'flag' });
      return isResendable && (await findEarlierCommit({ driver, commitId, events, redactor, principal: request.principal })) !== null;
    } catch (refusal) {
      if (!(refusal instanceof LogError)) throw refusal;
      return false;
    }
  }

  const isEnforcedIn = ({ transitions = settings.transitions }: AppendRequest): boolean => transitions === 'enforce';

  /** Facts from outside are taken whatever the state. */
  const restsOnState = ({ request, events }: Intent): boolean => isEnforcedIn(request) && events.some(({ streamType, type }) => registry.definitionIn(streamType, type)?.policy !== 'tolerate');

  /** What the fold says about the next event: nothing, or what is marked on it because it is taken all the same. */
  function objections(event: PendingEvent, tail: Tail, isEnforced: boolean): readonly Remark[] {
    const verdict = fold.judge(tail.state, event);
    if (verdict.legal || verdict.policy !== 'enforce') return [];
    if (isEnforced) throw illegalTransition(verdict, event, tail.state.revision);
    return [{ code: verdict.code, detail: verdict.detail }];
  }

  function encodeAll(pending: readonly PendingEvent[], sanitize: boolean): readonly EncodedEvent[] {
    const { randomness } = ports;
    const { commit, pseudonym } = parts;
    const encoded = pending.map((event, index) =>
      atIndex(index, pending.length, () => encodeEvent(event, { registry, randomness, limits, commit, pseudonym, sanitize })),
    );
    const bytes = encoded.reduce((sum, { size }) => sum + size, 0);
    if (bytes > limits.commitBytesMax)
      throw new LogError('TOO_LARGE', `${bytes} bytes in one commit; the most is ${limits.commitBytesMax}.`, { details: { reason: 'batch', size: bytes, limit: limits.commitBytesMax }, hint: 'Append in several commits.' });
    return encoded;
  }

  /** A malformed commit is refused here, alone: in a batch it would take the others with it. */
  function commitOf(id: string, encoded: readonly EncodedEvent[], checks: Commit['checks'] & object): Commit {
    const [head, ...rest] = encoded.map(({ event }) => event) as [NewEvent, ...NewEvent[]];
    const commit = { id, digest: commitDigest(ports.hasher, encoded), events: [head, ...rest] as const, checks };
    assertOwnCommit(commit);
    return commit;
  }

  /** What is not written, or was written before, is not what the tails say: they are gone before anybody hears of it. */
  async function answerTo(commit: Commit, pending: readonly PendingEvent[], judgedTails: Tails, { isRetry }: { readonly isRetry: boolean }): Promise<AppendResult> {
    let [isAsJudged, isRaceLost] = [false, false];
    for (const { id, correlationChain } of pending) chainsUnderWay.set(id, correlationChain);
    try {
      // Whoever wrote in between is writing on: a turn of the loop more, and this race is lost like the one before.
      const result = await batcher.submit(commit, { isUrgent: isRetry });
      isAsJudged = result.ok && !result.duplicate;
      isRaceLost = !result.ok && result.reason === 'conflict';
      return result;
    } finally {
      for (const { id } of pending) chainsUnderWay.delete(id);
      if (!isAsJudged) for (const tail of judgedTails.values()) tails.drop(tail, { isRaceLost });
    }
  }

  return { append, rehearse };
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const noChains: Chains = new Map();

/** Ids of the causes whose conversation an event begins its own below. */
const causesToAsk = (events: readonly AddressedEvent[], current: Tails): readonly string[] =>
  events.flatMap(({ input, address }) => causeToAsk(input, current.get(address)!.state)?.toLowerCase() ?? []).filter((id) => uuidPattern.test(id));

function areSound(current: Tails, expectations: Expectations): boolean {
  for (const tail of current.values()) if (tail.isDropped || !holds(expectations.of(tail.address), tail.state.revision)) return false;
  return true;
}

const brokenIn = (current: Tails, expectations: Expectations): readonly Broken[] =>
  [...current].map(([stream, { state }]) => ({ stream, expected: expectations.of(stream), actual: state.revision })).filter(({ expected, actual }) => !holds(expected, actual));
