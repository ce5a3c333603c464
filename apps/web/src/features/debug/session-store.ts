/**
 * The debug session of the page, kept by the server: breakpoints, watches, notes, and the runs between breakpoints. It is opened with the first
 * thing that is to be kept, and its id is in the address, so that a link opens the same session.
 */
import { LogError } from '@refold/client';
import type { Client, InputOf, OutputOf } from '@refold/client';
import { createExternalStore } from '../../ui/external-store.ts';
import type { ExternalStore } from '../../ui/external-store.ts';

export type Breakpoint = OutputOf<'listBreakpoints'>['items'][number];
export type BreakpointInput = Omit<InputOf<'addBreakpoint'>, 'id'>;
export type Note = OutputOf<'addDebugNote'>;
export type Stop = OutputOf<'stepDebugSession'>;

export interface Session {
  readonly id: string | null;
  readonly breakpoints: readonly Breakpoint[];
  readonly watches: readonly { readonly id: string; readonly expression: string }[];
  /** In the order of their places; one without text is a bookmark. */
  readonly notes: readonly Note[];
  readonly isBusy: boolean;
  readonly error: unknown;
  /** A session that the address names is gone; what it held cannot be had back. */
  readonly isExpired: boolean;
}

export interface SessionStore extends ExternalStore<Session> {
  /** Takes up the session of the address. */
  open(id: string): Promise<void>;
  addBreakpoint(input: BreakpointInput): Promise<boolean>;
  removeBreakpoint(id: string): Promise<void>;
  enable(id: string, enabled: boolean): Promise<void>;
  addWatch(expression: string): Promise<boolean>;
  removeWatch(id: string): Promise<void>;
  addNote(revision: number, text: string): Promise<boolean>;
  removeNote(id: string): Promise<void>;
  /** The whole session as a document; null where that failed. */
  exported(): Promise<object | null>;
  /** Adds what an exported session had set: breakpoints, watches, notes. @throws LogError of what the server refuses of it. */
  take(exported: unknown): Promise<boolean>;
  /** To the next breakpoint, or the one before; null when it was stopped or failed. */
  run(from: number, back: boolean, onProgress: (revision: number) => void): Promise<Stop | null>;
  step(from: number, grain: string, back: boolean): Promise<Stop | null>;
  pause(): void;
}

export function createSessionStore(client: Client, address: { readonly streamType: string; readonly streamId: string }, onOpened: (id: string) => void): SessionStore {
  const store = createExternalStore<Session>({ id: null, breakpoints: [], watches: [], notes: [], isBusy: false, error: null, isExpired: false });
  let opening: Promise<string> | null = null;
  let stopped = new AbortController();

  function ensure(): Promise<string> {
    const { id } = store.get();
    if (id !== null) return Promise.resolve(id);
    opening ??= client.startDebugSession({ aggregateId: address.streamId, streamType: address.streamType, stopsBefore: false }).then(
      ({ sessionId }) => {
        store.set({ id: sessionId, isExpired: false });
        onOpened(sessionId);
        return sessionId;
      },
    );
    return opening.finally(() => (opening = null));
  }

  async function refresh(id: string): Promise<void> {
    const { breakpoints, watches, notes } = await client.getDebugSession({ id });
    store.set({ breakpoints, watches, notes });
  }

  /** What went wrong is shown beside the controls, not thrown. */
  async function attempt<T>(work: (id: string) => Promise<T>): Promise<T | null> {
    store.set({ isBusy: true, error: null });
    try {
      const id = await ensure();
      const result = await work(id);
      await refresh(id);
      return result;
    } catch (error) {
      if (!stopped.signal.aborted) store.set({ error });
      return null;
    } finally {
      store.set({ isBusy: false });
    }
  }

  return {
    ...store,
    async open(id) {
      if (store.get().id === id) return;
      try {
        const info = await client.getDebugSession({ id });
        if (info.streamType !== address.streamType || info.aggregateId !== address.streamId) return store.set({ isExpired: true });
        store.set({ id, breakpoints: info.breakpoints, watches: info.watches, notes: info.notes, isExpired: false });
      } catch {
        store.set({ isExpired: true });
      }
    },
    addBreakpoint: async (input) => (await attempt((id) => client.addBreakpoint({ id, ...input }))) !== null,
    removeBreakpoint: async (breakpointId) => void (await attempt((id) => client.removeBreakpoint({ id, breakpointId }))),
    async enable(breakpointId, enabled) {
      const known = store.get().breakpoints.find(({ id }) => id === breakpointId);
      if (known === undefined) return;
      // A session's breakpoint is what it was made as; switching it makes it anew.
      await attempt(async (id) => {
        await client.removeBreakpoint({ id, breakpointId });
        return await client.addBreakpoint({ id, ...inputOf(known), enabled });
      });
    },
    addWatch: async (expression) => (await attempt((id) => client.addWatch({ id, expression }))) !== null,
    addNote: async (revision, text) => (await attempt((id) => client.addDebugNote({ id, revision, text }))) !== null,
    removeNote: async (noteId) => void (await attempt((id) => client.removeDebugNote({ id, noteId }))),
    exported: () => attempt((id) => client.exportDebugSession({ id })),
    take: async (exported) => (await attempt(async (id) => await takeInto(client, id, exported))) !== null,
    removeWatch: async (watchId) => void (await attempt((id) => client.removeWatch({ id, watchId }))),
    async run(from, back, onProgress) {
      stopped = new AbortController();
      const { signal } = stopped;
      return await attempt(async (id) => {
        await client.seekDebugSession({ id, revision: from }, { signal });
        for (;;) {
          const stop = await client.resumeDebugSession({ id, back }, { signal });
          // A long run pauses on its way, so that it can be shown and called off.
          if (stop.reason !== 'paused' || !stop.moved) return stop;
          onProgress(stop.revision);
        }
      });
    },
    step: async (from, grain, back) =>
      await attempt(async (id) => {
        await client.seekDebugSession({ id, revision: from });
        return await client.stepDebugSession({ id, grain, back });
      }),
    pause: () => stopped.abort(),
  };
}

const inputNames = ['eventType', 'condition', 'path', 'flip', 'invariant', 'anomaly', 'nth', 'log'] as const;

const inputOf = (breakpoint: Partial<Breakpoint>): BreakpointInput => Object.fromEntries(inputNames.flatMap((name) => (breakpoint[name] === null || breakpoint[name] === undefined ? [] : [[name, breakpoint[name]]])));

/** A file is anybody's: its form is looked at here, and the server looks at each part as at any other. */
async function takeInto(client: Client, id: string, exported: unknown): Promise<true> {
  const info = (exported as { readonly format?: unknown; readonly info?: Partial<Session> } | null)?.info;
  if ((exported as { readonly format?: unknown } | null)?.format !== 'refold-debug-session' || typeof info !== 'object' || info === null)
    throw new LogError('BAD_REQUEST', 'This file is no debug session.', { details: { reason: 'debug_export', pointer: '/format' }, hint: 'Choose a file that "Export session" wrote.' });
  for (const breakpoint of listOf(info.breakpoints)) await client.addBreakpoint({ id, ...inputOf(breakpoint), enabled: breakpoint.enabled });
  for (const { expression } of listOf(info.watches)) await client.addWatch({ id, expression });
  for (const { revision, text } of listOf(info.notes)) await client.addDebugNote({ id, revision, text });
  return true;
}

const listOf = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value.filter((item): item is T => typeof item === 'object' && item !== null) : []);
