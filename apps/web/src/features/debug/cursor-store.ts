/**
 * Where a reader stands in a run, outside React: the cursor, what the transport does, the window of the scrubber, and the jumps that
 * Back and Alt+arrows walk. Scrubbing moves the cursor; a jump is remembered.
 */
import type { LodAxis } from '@refold/core';
import { createExternalStore } from '../../ui/external-store.ts';
import type { ExternalStore } from '../../ui/external-store.ts';
import { transportAfter } from './transport.ts';
import type { Speed, TransportEvent, TransportState } from './transport.ts';
import type { AxisWindow } from './scrubber-geometry.ts';

export interface Cursor {
  /** 0 = before the first event. */
  readonly revision: number;
  readonly head: number;
  /** The run is over: nothing will follow, as far as its status says. */
  readonly isOver: boolean;
  readonly transport: TransportState;
  readonly speed: Speed;
  readonly axis: LodAxis;
  /** null = all there is. */
  readonly window: AxisWindow | null;
  readonly jumps: readonly number[];
  readonly jump: number;
  /** Revisions that came while the reader looked elsewhere. */
  readonly unseen: number;
}

export interface CursorStore extends ExternalStore<Cursor> {
  /** An explicit jump: it can be gone back from. */
  jumpTo(revision: number): void;
  /** A step or a scrub: the last jump moves along. */
  moveTo(revision: number): void;
  /** Back or forward among the jumps; null when there is none. */
  walk(by: 1 | -1): number | null;
  tell(event: TransportEvent): void;
  /** The run grew. A reader at its end who follows goes along; any other stays where he is. */
  grow(head: number, isOver: boolean): void;
}

const jumpsMax = 100;

export function createCursorStore(start: Partial<Cursor> = {}): CursorStore {
  const revision = start.revision ?? 0;
  const store = createExternalStore<Cursor>({ revision, head: 0, isOver: false, transport: { at: 'idle' }, speed: '1', axis: 'revision', window: null, jumps: [revision], jump: 0, unseen: 0, ...start });

  const bounded = (wanted: number): number => Math.min(store.get().head, Math.max(0, Math.round(wanted)));

  function goTo(wanted: number, jumps: Pick<Cursor, 'jumps' | 'jump'>): void {
    const { transport, head, isOver } = store.get();
    const to = bounded(wanted);
    store.set({ revision: to, ...jumps, transport: transportAfter(transport, { is: 'moved', revision: to, head, isOver }), ...(to >= head ? { unseen: 0 } : {}) });
  }

  return {
    ...store,
    jumpTo(wanted) {
      const { jumps, jump, revision: from } = store.get();
      const to = bounded(wanted);
      if (to === from) return;
      const walked = [...jumps.slice(0, jump + 1), to].slice(-jumpsMax);
      goTo(to, { jumps: walked, jump: walked.length - 1 });
    },
    moveTo(wanted) {
      const { jumps, jump } = store.get();
      goTo(wanted, { jumps: jumps.with(jump, bounded(wanted)), jump });
    },
    walk(by) {
      const { jumps, jump } = store.get();
      const to = jumps[jump + by];
      if (to === undefined) return null;
      goTo(to, { jumps, jump: jump + by });
      return to;
    },
    tell: (event) => store.set({ transport: transportAfter(store.get().transport, event) }),
    grow(head, isOver) {
      const before = store.get();
      if (head <= before.head) return store.set({ isOver });
      const follows = before.transport.at === 'live' && before.revision >= before.head;
      store.set({ head, isOver, unseen: follows ? 0 : before.unseen + (head - before.head), ...(before.transport.at === 'ended' ? { transport: { at: 'idle' } } : {}) });
      if (follows) goTo(head, { jumps: before.jumps.with(before.jump, head), jump: before.jump });
    },
  };
}
