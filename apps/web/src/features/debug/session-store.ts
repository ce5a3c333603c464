/**
 * The debug session of the page, kept by the server: breakpoints, watches, and the runs between breakpoints. It is opened with the first
 * thing that is to be kept, and its id is in the address, so that a link opens the same session.
 */
import type { Client, InputOf, OutputOf } from '@refold/client';
import { createExternalStore } from '../../ui/external-store.ts';
import type { ExternalStore } from '../../ui/external-store.ts';

export type Breakpoint = OutputOf<'listBreakpoints'>['items'][number];
export type BreakpointInput = Omit<InputOf<'addBreakpoint'>, 'id'>;
export type Stop = OutputOf<'stepDebugSession'>;

export interface Session {
  readonly id: string | null;
  readonly breakpoints: readonly Breakpoint[];
  readonly watches: readonly { readonly id: string; readonly expression: string }[];
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
  /** To the next breakpoint, or the one before; null when it was stopped or failed. */
  run(from: number, back: boolean, onProgress: (revision: number) => void): Promise<Stop | null>;
  step(from: number, grain: string, back: boolean): Promise<Stop | null>;
  pause(): void;
}

export function createSessionStore(client: Client, address: { readonly streamType: string; readonly streamId: string }, onOpened: (id: string) => void): SessionStore {
  const store = createExternalStore<Session>({ id: null, breakpoints: [], watches: [], isBusy: false, error: null, isExpired: false });
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
    const [breakpoints, watches] = await Promise.all([client.listBreakpoints({ id }), client.listWatches({ id })]);
    store.set({ breakpoints: breakpoints.items, watches: watches.items });
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
        store.set({ id, breakpoints: info.breakpoints, watches: info.watches, isExpired: false });
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

function inputOf({ eventType, condition, path, flip, nth, log }: Breakpoint): BreakpointInput {
  return Object.fromEntries(Object.entries({ eventType, condition, path, flip, nth, log }).filter(([, value]) => value !== null));
}
