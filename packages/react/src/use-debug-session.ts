/**
 * A debug session over a stream, walked from a component: it is opened with the first component that shows it, and closed with the last.
 * What it is told is done in the order it was told, and what went wrong is shown, not thrown.
 */
import type { InputOf, LogError, OutputOf } from '@refold/client';
import { useMemo } from 'react';
import { asLogError } from './feeds.ts';
import type { Feed, Shown, Source } from './feeds.ts';
import { useSource } from './refold-provider.ts';
import type { Transport } from './transport.ts';

/** What a session can be told, by the operation that does it. */
const controls = {
  step: 'stepDebugSession',
  resume: 'resumeDebugSession',
  pause: 'pauseDebugSession',
  seek: 'seekDebugSession',
  restart: 'restartDebugSession',
  addBreakpoint: 'addBreakpoint',
  removeBreakpoint: 'removeBreakpoint',
  addWatch: 'addWatch',
  removeWatch: 'removeWatch',
  addNote: 'addDebugNote',
  removeNote: 'removeDebugNote',
} as const;

type Controls = {
  readonly [C in keyof typeof controls]: (...args: Told<InputOf<(typeof controls)[C]>>) => Promise<void>;
};
type Told<I> = Partial<Omit<I, 'id'>> extends Omit<I, 'id'> ? [input?: Omit<I, 'id'>] : [input: Omit<I, 'id'>];

export interface DebugSession extends Shown, Controls {
  /** Where it stands: state, current event, breakpoints, watches with their values. null until it is open. */
  readonly session: OutputOf<'getDebugSession'> | null;
  /** It is being opened, or does what it was told. */
  readonly isBusy: boolean;
  readonly error: LogError | null;
}

/** @param start  For example `{ aggregateId: 'agent-123', fromRevision: 1 }`. A new object with the same contents is the same session. */
export function useDebugSession(start: InputOf<'startDebugSession'>): DebugSession {
  const asked = JSON.stringify(start);
  return useSource(useMemo(() => sessionSource(asked), [asked]));
}

const sessionSource = (asked: string): Source<DebugSession> => ({
  key: `debug ${asked}`,
  initial: { session: null, isBusy: true, error: null, ...controlsOf(async () => undefined) },
  async run(transport, feed) {
    // It is waited for in any case: a session that nobody knows of could not be closed.
    const opening = transport.ask('startDebugSession', JSON.parse(asked) as InputOf<'startDebugSession'>, { signal: new AbortController().signal });
    feed.change((before) => ({ ...before, ...controlsOf(inTurn(transport, feed, opening.then(({ sessionId }) => sessionId))) }));
    try {
      const { sessionId: id, info } = await opening;
      feed.change((before) => ({ ...before, session: info }));
      const close = (): void => void transport.ask('stopDebugSession', { id }, { signal: new AbortController().signal }).catch(() => undefined);
      if (feed.signal.aborted) close();
      else feed.signal.addEventListener('abort', close, { once: true });
    } finally {
      feed.change((before) => ({ ...before, isBusy: false }));
    }
  },
});

type Tell = (operation: (typeof controls)[keyof typeof controls], input: object) => Promise<void>;

/** Does what it is told, one thing after the other, and shows where the session stands then. */
function inTurn(transport: Transport, { signal, change }: Feed<DebugSession>, opened: Promise<string>): Tell {
  let last: Promise<unknown> = opened.catch(() => undefined);
  return (operation, input) => {
    change((before) => ({ ...before, isBusy: true }));
    const done = last.then(async () => {
      try {
        const id = await opened;
        await transport.ask(operation, { ...input, id }, { signal });
        const session = await transport.ask('getDebugSession', { id }, { signal });
        change((before) => ({ ...before, session, error: null }));
      } catch (error) {
        change((before) => ({ ...before, error: asLogError(error) }));
      }
      if (last === done) change((before) => ({ ...before, isBusy: false }));
    });
    last = done;
    return done;
  };
}

const controlsOf = (tell: Tell): Controls =>
  // Each takes what its operation takes.
  Object.fromEntries(Object.entries(controls).map(([name, operation]) => [name, (input: object = {}) => tell(operation, input)])) as unknown as Controls;
