/**
 * One run under the debugger: cursor, folded place, rows, marks, session, and what a person can tell it. It lives outside React; the
 * components subscribe to the parts that they show.
 */
import type { Client, OutputOf } from '@refold/client';
import type { LodAxis } from '@refold/core';
import { createExternalStore } from '../../ui/external-store.ts';
import type { ExternalStore } from '../../ui/external-store.ts';
import { hasEnded } from '../../status.ts';
import { createCursorStore } from './cursor-store.ts';
import type { CursorStore } from './cursor-store.ts';
import type { DebugSearch } from './debug-search.ts';
import { filterOf, windowOf } from './debug-search.ts';
import { isSuperseded, openFoldClient } from './fold-client.ts';
import type { FoldClient } from './fold-client.ts';
import type { DiffBase, PlaceAnswer } from './fold-messages.ts';
import { revisionSetOf } from './revision-set.ts';
import type { RevisionSet } from './revision-set.ts';
import { createRowSource } from './row-source.ts';
import type { RowSource } from './row-source.ts';
import { createSessionStore } from './session-store.ts';
import type { SessionStore } from './session-store.ts';
import { pauseBetween } from './transport.ts';

export interface Address {
  readonly streamType: string;
  readonly streamId: string;
}

export type Mark = OutputOf<'marks'>['items'][number];

/** What the run is, apart from where the reader stands. */
export interface RunFacts {
  readonly status: string | null;
  readonly marks: readonly Mark[];
  /** Of the whole run; null until they were read. */
  readonly marksTotal: number | null;
  readonly firstBad: { readonly revision: number; readonly summary: string; readonly hops: number } | null;
  readonly isBlaming: boolean;
  readonly connection: 'connecting' | 'live' | 'reconnecting' | 'ended';
  readonly error: unknown;
  /** Known once the run was found. */
  readonly isOpen: boolean;
  /** The first place was answered, or refused. */
  readonly isPlaced: boolean;
}

/** What an instant cuts at: what had happened by then, or what was recorded by then. */
export type CutClock = 'happened' | 'known';

/** The folded place, and what the state pane asks of it. */
export interface PlaceView {
  readonly answer: PlaceAnswer | null;
  readonly error: unknown;
  readonly base: DiffBase;
  readonly open: ReadonlySet<string>;
  readonly search: string;
  readonly from: number;
  readonly to: number;
  readonly path: string | null;
  readonly clock: CutClock;
}

export interface DebugModel {
  readonly address: Address;
  readonly client: Client;
  readonly cursor: CursorStore;
  readonly rows: RowSource;
  readonly facts: ExternalStore<RunFacts>;
  readonly place: ExternalStore<PlaceView>;
  readonly session: SessionStore;
  readonly notice: ExternalStore<{ readonly text: string | null; readonly spoken: string }>;
  readonly lines: ExternalStore<{ readonly items: readonly ConsoleLine[] }>;
  /** Where the breakpoints of an event type stand, for the scrubber; of other breakpoints only a run knows. */
  readonly stops: ExternalStore<{ readonly sets: readonly { readonly type: string; readonly places: RevisionSet }[] }>;
  readonly fold: FoldClient;
  /** Anything that is written as a place: a revision, an instant, start, end, ~n, first-bad. */
  goTo(place: string, options?: { readonly replaces?: boolean }): Promise<boolean>;
  step(by: number): void;
  /** To the next or previous event that a filter finds. */
  seek(filter: { readonly [name: string]: string }, back: boolean, what: string): Promise<void>;
  stepBy(grain: string, back: boolean): Promise<void>;
  toMark(kind: string | null, back: boolean): Promise<void>;
  /** Remembers the place of the cursor in the session, or forgets it. */
  toggleBookmark(): Promise<void>;
  /** To the next or previous event of the agent whose event is shown. */
  toSameAgent(back: boolean): Promise<void>;
  toCause(): void;
  toEffect(): Promise<void>;
  run(back: boolean): Promise<void>;
  play(back?: boolean): void;
  pause(): void;
  follow(): void;
  say(line: Omit<ConsoleLine, 'number'>): void;
  close(): void;
}

export interface ConsoleLine {
  readonly number: number;
  readonly kind: 'asked' | 'value' | 'error' | 'log';
  readonly text: string;
  /** A click goes there. */
  readonly revision?: number;
}

const marksMax = 2_000;
const linesMax = 500;
const growthMs = 100;
/** Marks are read again at most so often while a run grows, and after the window of the scrubber rests. */
const marksEveryMs = 2_000;
const marksAfterMs = 250;
/** How far a search for the next mark of a long run looks first. */
const marksNear = 4_096;

export function createDebugModel(client: Client, address: Address, search: DebugSearch, onSession: (id: string) => void): DebugModel {
  const stop = new AbortController();
  const { signal } = stop;
  const cursor = createCursorStore({ axis: search.axis ?? 'revision', window: windowOf(search.w) });
  const rows = createRowSource(client, address);
  const fold = openFoldClient(address);
  const session = createSessionStore(client, address, onSession);
  const facts = createExternalStore<RunFacts>({ status: null, marks: [], marksTotal: null, firstBad: null, isBlaming: false, connection: 'connecting', error: null, isOpen: false, isPlaced: false });
  const place = createExternalStore<PlaceView>({ answer: null, error: null, base: baseOf(search.base), open: new Set(), search: '', from: 0, to: 60, path: search.path ?? null, clock: search.clock ?? 'happened' });
  const notice = createExternalStore<{ readonly text: string | null; readonly spoken: string }>({ text: null, spoken: '' });
  const lines = createExternalStore<{ readonly items: readonly ConsoleLine[] }>({ items: [] });
  const stops = createExternalStore<{ readonly sets: readonly { readonly type: string; readonly places: RevisionSet }[] }>({ sets: [] });
  const sets = new Map<string, Promise<RevisionSet>>();
  let lineNumber = 0;
  let hasMoved = false;
  let playing: ReturnType<typeof setTimeout> | undefined;

  const say: DebugModel['say'] = (line) => lines.set({ items: [...lines.get().items.slice(1 - linesMax), { ...line, number: ++lineNumber }] });
  const tell = (text: string | null): void => notice.set({ text });

  /** A worker that is gone needs to be told nothing. */
  const tellHead = (head: number): void => void fold.ask({ is: 'head', head }).catch(() => undefined);

  /* ---- The run ---- */

  async function open(): Promise<void> {
    try {
      const { head } = await client.streamRows({ ...address, limit: 1 }, { signal });
      cursor.set({ head });
      tellHead(head);
      rows.setFilter(filterOf(search));
      rows.grow(head);
      const known = revisionOf(search.at ?? 'end', head);
      cursor.set({ revision: known ?? head, jumps: [known ?? head] });
      facts.set({ isOpen: true });
      if (search.ds !== undefined) void session.open(search.ds);
      if (known === null) await goTo(search.at!, { replaces: true });
      // A run that the server has not folded yet is folded once for the place, and then for nothing more: what asks for all of the run waits.
      await placed;
      signal.throwIfAborted();
      facts.set({ isPlaced: true });
      // What hangs on one of these is missing without it; the rest is shown.
      for (const part of [follow(), readMarks(), readStatus(search.at === undefined)]) part.catch(tellFailure);
    } catch (error) {
      if (!signal.aborted) facts.set({ error });
    }
  }

  function tellFailure(error: unknown): void {
    if (!signal.aborted) tell(error instanceof Error ? error.message : String(error));
  }

  /** Those of what the scrubber shows; of more than fit, the server tells the rare ones and thins the others out. */
  async function readMarks(): Promise<void> {
    const { axis, window } = cursor.get();
    const known = facts.get().marksTotal ?? 0;
    const { items, total } = await client.marks({ ...address, limit: marksMax, ...(axis === 'revision' && window !== null && known > marksMax ? window : {}) }, { signal });
    facts.set({ marks: items, marksTotal: Math.max(total, known) });
  }

  let marksDue: ReturnType<typeof setTimeout> | undefined;
  const readMarksSoon = (ms: number): void => {
    marksDue ??= setTimeout(() => {
      marksDue = undefined;
      // Marks that cannot be had now are those of a moment ago.
      void readMarks().catch(() => undefined);
    }, ms);
  };
  let markedWindow = cursor.get().window;
  function followWindow(): void {
    const { window } = cursor.get();
    if (window === markedWindow) return;
    markedWindow = window;
    if ((facts.get().marksTotal ?? 0) > marksMax) readMarksSoon(marksAfterMs);
  }

  /** Where nothing is asked for, a failed run is opened at its first bad event, unless its reader went elsewhere meanwhile. */
  async function readStatus(opensAtFirstBad: boolean): Promise<void> {
    const { state } = await client.getStream(address, { signal });
    const status = typeof state['status'] === 'string' ? state['status'] : null;
    facts.set({ status });
    cursor.set({ isOver: hasEnded(status) });
    const bad = await blame();
    if (opensAtFirstBad && !hasMoved && status === 'failed' && bad !== null) cursor.moveTo(bad);
  }

  async function blame(): Promise<number | null> {
    const known = facts.get().firstBad;
    if (known !== null) return known.revision;
    facts.set({ isBlaming: true });
    try {
      const { firstBad } = await client.blame(address, { signal });
      const suspect = firstBad as { readonly event: { readonly revision: number; readonly summary?: string; readonly type: string }; readonly hops: number } | null;
      if (suspect !== null) facts.set({ firstBad: { revision: suspect.event.revision, summary: suspect.event.summary ?? suspect.event.type, hops: suspect.hops } });
      return suspect?.event.revision ?? null;
    } finally {
      facts.set({ isBlaming: false });
    }
  }

  /** New events are counted at once and shown where nobody's place is taken. */
  async function follow(): Promise<void> {
    const [info] = (await client.listStreams({ type: address.streamType, prefix: address.streamId, limit: 1 }, { signal })).items;
    let newest = cursor.get().head;
    let due: ReturnType<typeof setTimeout> | undefined;
    const grow = (): void => {
      due = undefined;
      if (signal.aborted) return;
      tellHead(newest);
      rows.grow(newest);
      cursor.grow(newest, false);
      sets.clear();
      readMarksSoon(marksEveryMs);
    };
    const events = client.tailEvents(
      { ...address, ...(info === undefined || info.streamId !== address.streamId ? {} : { afterPosition: info.last }) },
      { signal, onState: (connection) => facts.set({ connection: connection }) },
    );
    if (info !== undefined && info.streamId === address.streamId && info.revision > newest) {
      newest = info.revision;
      grow();
    }
    for await (const event of events) {
      newest = Math.max(newest, event.revision);
      due ??= setTimeout(grow, growthMs);
    }
  }

  /* ---- The folded place ---- */

  let asked = '';
  const { promise: placed, resolve: hasPlace } = Promise.withResolvers<void>();
  function lookAtPlace(): void {
    if (!facts.get().isOpen) return;
    const { revision } = cursor.get();
    const { base, open: branches, search: words, from, to } = place.get();
    const expressions = session.get().watches.map(({ expression }) => expression);
    const question = { revision, base, open: [...branches], search: words, from, to, expressions };
    const text = JSON.stringify(question);
    if (text === asked) return;
    asked = text;
    fold.ask({ is: 'place', place: question }).then(
      (answer) => {
        if (asked !== text) return;
        place.set({ answer, error: null });
        hasPlace();
      },
      (error: unknown) => {
        if (asked !== text || isSuperseded(error)) return;
        asked = '';
        place.set({ error });
        hasPlace();
      },
    );
  }
  const unsubscribe = [cursor.subscribe(lookAtPlace), cursor.subscribe(followWindow), place.subscribe(lookAtPlace), session.subscribe(lookAtPlace), facts.subscribe(lookAtPlace)];

  /* ---- Moving ---- */

  function jumpTo(revision: number): void {
    hasMoved = true;
    tell(null);
    cursor.jumpTo(revision);
  }

  async function goTo(text: string, { replaces = false }: { readonly replaces?: boolean } = {}): Promise<boolean> {
    const move = (revision: number): true => {
      hasMoved = true;
      tell(null);
      if (replaces) cursor.moveTo(revision);
      else cursor.jumpTo(revision);
      return true;
    };
    const wanted = text.trim().replace(/^.*@(?=[^@]*$)/, '').replaceAll(/(?<=\d)[,_](?=\d)/g, '');
    const known = revisionOf(wanted, cursor.get().head);
    if (known !== null) {
      if (known > cursor.get().head) {
        tell(`There is no revision ${known}; the newest is ${cursor.get().head}.`);
        return false;
      }
      return move(known);
    }
    cursor.tell({ is: 'seek', what: wanted });
    try {
      if (wanted === 'first-bad') {
        const bad = await blame();
        if (bad !== null) return move(bad);
        tell('Nothing bad is recorded here.');
        return false;
      }
      const isKnown = place.get().clock === 'known' && /^\d{4}-/.test(wanted);
      const { revision } = await client.stateAt({ ...address, ...(isKnown ? { recordedAt: wanted } : { place: wanted }) }, { signal });
      return move(revision);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      cursor.tell({ is: 'found' });
    }
  }

  function setOf(filter: { readonly [name: string]: string }): Promise<RevisionSet> {
    const key = JSON.stringify(filter);
    let known = sets.get(key);
    if (known === undefined) {
      known = client.streamIndex({ ...address, ...filter }, { signal }).then(({ bitmap }) => revisionSetOf(bitmap));
      known.catch(() => sets.delete(key));
      sets.set(key, known);
    }
    return known;
  }

  let stopsAt = '';
  function findStops(): void {
    const types = session.get().breakpoints.flatMap(({ eventType, condition, path, flip, invariant, anomaly, nth, enabled }) => (enabled && !anomaly && eventType !== null && [condition, path, flip, invariant, nth].every((part) => part === null) ? [eventType] : []));
    const asked = types.join(' ');
    if (asked === stopsAt) return;
    stopsAt = asked;
    // A breakpoint whose places are not known is not drawn, and stops nevertheless.
    Promise.all(types.map(async (type) => ({ type, places: await setOf({ type }) }))).then(
      (found) => asked === stopsAt && stops.set({ sets: found }),
      () => asked === stopsAt && stops.set({ sets: [] }),
    );
  }
  unsubscribe.push(session.subscribe(findStops));

  async function seek(filter: { readonly [name: string]: string }, back: boolean, what: string): Promise<void> {
    cursor.tell({ is: 'seek', what });
    try {
      const found = await setOf(filter);
      const { revision } = cursor.get();
      const to = back ? found.previous(revision) : found.next(revision);
      if (to === null) tell(`There is no ${back ? 'earlier' : 'later'} ${what}.`);
      else jumpTo(to);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    } finally {
      cursor.tell({ is: 'found' });
    }
  }

  /** Of a run with more marks than were told, or none yet, those around the cursor are asked for, further and further away. */
  async function nextMark(kind: string | null, back: boolean): Promise<number | null> {
    const { revision, head } = cursor.get();
    const { marks, marksTotal } = facts.get();
    const nearest = (all: readonly Mark[]): number | undefined => {
      const places = all.filter((mark) => (kind === null ? mark.kind !== 'wait' : mark.kind === kind)).map(({ from }) => from);
      return back ? places.findLast((from) => from < revision) : places.find((from) => from > revision);
    };
    const noted = kind === null ? session.get().notes.map((note) => note.revision).filter((place) => (back ? place < revision : place > revision)) : [];
    const nearestNote = back ? noted.at(-1) : noted[0];
    const found = marksTotal !== null && marksTotal <= marks.length ? nearest(marks) : await (async () => {
      for (let far = marksNear; ; far *= 4) {
        const { items } = await client.marks({ ...address, from: back ? Math.max(1, revision - far) : revision + 1, to: back ? revision - 1 : revision + far, limit: marksMax }, { signal });
        const mark = nearest(items);
        if (mark !== undefined || (back ? revision - far <= 1 : revision + far >= head)) return mark;
      }
    })();
    const both = [found, nearestNote].filter((place) => place !== undefined);
    return both.length === 0 ? null : back ? Math.max(...both) : Math.min(...both);
  }

  async function run(back: boolean): Promise<void> {
    if (session.get().breakpoints.every(({ enabled }) => !enabled)) return tell('There is no breakpoint to run to. Press b to set one at this event type.');
    cursor.tell({ is: 'seek', what: back ? 'the breakpoint before' : 'the next breakpoint' });
    const stopped = await session.run(cursor.get().revision, back, (revision) => cursor.moveTo(revision));
    cursor.tell({ is: 'found' });
    if (stopped === null) return;
    for (const { text, revision } of stopped.logs) say({ kind: 'log', text, revision });
    jumpTo(stopped.revision);
    if (stopped.reason === 'breakpoint') notice.set({ spoken: `Stopped at breakpoint, event ${stopped.revision}` });
    else tell(back ? 'No breakpoint before this; this is the beginning.' : 'No breakpoint after this; this is the end.');
  }

  function tick(): void {
    clearTimeout(playing);
    const { transport, revision, speed } = cursor.get();
    if (transport.at !== 'playing') return;
    const next = revision + (transport.back ? -1 : 1);
    const [here, then] = [rows.row(rows.indexOf(revision)), rows.row(rows.indexOf(next))];
    const pause = here === undefined || then === undefined ? pauseBetween('1', 0, 0) : pauseBetween(speed, Date.parse(here.occurredAt), Date.parse(then.occurredAt));
    playing = setTimeout(() => {
      if (cursor.get().transport.at !== 'playing') return;
      cursor.moveTo(next);
      tick();
    }, pause);
  }

  const model: DebugModel = {
    address, client, cursor, rows, facts, place, session, notice, lines, stops, fold, goTo, seek, run, say,
    step(by) {
      hasMoved = true;
      tell(null);
      cursor.moveTo(cursor.get().revision + by);
    },
    async stepBy(grain, back) {
      if (grain === 'event') return model.step(back ? -1 : 1);
      if (grain === 'same-agent') return model.toSameAgent(back);
      cursor.tell({ is: 'seek', what: `the ${back ? 'previous' : 'next'} ${grain}` });
      const stopped = await session.step(cursor.get().revision, grain, back);
      cursor.tell({ is: 'found' });
      if (stopped === null) return;
      if (stopped.moved) jumpTo(stopped.revision);
      else tell(noPlaceText[stopped.reason] ?? 'There is nowhere to go.');
    },
    async toMark(kind, back) {
      const to = await nextMark(kind, back).catch(tellFailure);
      if (to === null) tell(`There is no ${back ? 'earlier' : 'later'} ${kind ?? 'mark'}.`);
      else if (to !== undefined) jumpTo(to);
    },
    async toggleBookmark() {
      const { revision } = cursor.get();
      const known = session.get().notes.find((note) => note.revision === revision && note.text === '');
      if (known !== undefined) await session.removeNote(known.id);
      else if (await session.addNote(revision, '')) tell(`Event ${revision} is bookmarked.`);
    },
    async toSameAgent(back) {
      const agent = place.get().answer?.event?.agent;
      if (agent === undefined) tell('This event is of no agent.');
      else await seek({ agent }, back, `event of ${agent}`);
    },
    toCause: () => void model.stepBy('cause', true),
    toEffect: () => model.stepBy('cause', false),
    play(back = false) {
      hasMoved = true;
      cursor.tell({ is: 'play', back });
      tick();
    },
    pause() {
      clearTimeout(playing);
      session.pause();
      cursor.tell({ is: 'pause' });
    },
    follow() {
      jumpTo(cursor.get().head);
      cursor.tell({ is: 'follow' });
    },
    close() {
      stop.abort();
      clearTimeout(playing);
      clearTimeout(marksDue);
      for (const leave of unsubscribe) leave();
      rows.close();
      fold.close();
    },
  };
  void open();
  return model;
}

const noPlaceText: { readonly [reason: string]: string } = {
  start: 'There is none before this.',
  end: 'There is none after this.',
  no_cause: 'No cause is recorded for this event.',
  no_effect: 'No effect of this event is recorded.',
  no_answer: 'No end of this call is recorded.',
  other_stream: 'That event is in another stream.',
};

/** A base as it stands in the address; what makes no sense is the event before. */
export const baseOf = (text: string | undefined): DiffBase => (text === undefined ? 'previous' : /^\d{1,15}$/.test(text) ? Number(text) : /^[^/]+\/./.test(text) ? (text as DiffBase) : 'previous');

/** What can be said without asking; null for what the server has to resolve. */
export function revisionOf(place: string, head: number): number | null {
  if (/^\d{1,15}$/.test(place)) return Number(place);
  if (place === 'start') return Math.min(1, head);
  if (place === 'end') return head;
  const back = /^~(\d{1,15})$/.exec(place)?.[1];
  return back === undefined ? null : Math.max(0, head - Number(back));
}

export type { LodAxis };
