/**
 * What the transport does: it stands still, plays, waits for a place to come, follows the end, or stands at the end of a run that is
 * over. A pure machine; who drives it has the clock and the store.
 */
export type TransportState =
  | { readonly at: 'idle' }
  | { readonly at: 'playing'; readonly back: boolean }
  | { readonly at: 'seeking'; readonly what: string }
  | { readonly at: 'live' }
  | { readonly at: 'ended' };

export type TransportEvent =
  | { readonly is: 'play'; readonly back?: boolean }
  | { readonly is: 'pause' }
  | { readonly is: 'moved'; readonly revision: number; readonly head: number; readonly isOver: boolean }
  | { readonly is: 'seek'; readonly what: string }
  | { readonly is: 'found' }
  | { readonly is: 'follow' }
  | { readonly is: 'over' };

export function transportAfter(state: TransportState, event: TransportEvent): TransportState {
  switch (event.is) {
    case 'play':
      return { at: 'playing', back: event.back === true };
    case 'pause':
      return { at: 'idle' };
    case 'seek':
      return { at: 'seeking', what: event.what };
    case 'found':
      return state.at === 'seeking' ? { at: 'idle' } : state;
    case 'follow':
      return { at: 'live' };
    case 'over':
      return state.at === 'live' ? { at: 'ended' } : state;
    case 'moved':
      return afterMove(state, event);
  }
}

/** Playing ends where there is nothing more; following ends when somebody goes elsewhere. */
function afterMove(state: TransportState, { revision, head, isOver }: Extract<TransportEvent, { is: 'moved' }>): TransportState {
  switch (state.at) {
    case 'playing':
      if (state.back) return revision <= 1 ? { at: 'idle' } : state;
      return revision < head ? state : isOver ? { at: 'ended' } : { at: 'live' };
    case 'live':
      return revision >= head ? state : { at: 'idle' };
    case 'ended':
      return revision >= head ? state : { at: 'idle' };
    case 'idle':
      return revision >= head && isOver ? { at: 'ended' } : state;
    case 'seeking':
      return state;
  }
}

export const speeds = ['0.5', '1', '4', '16', 'original', 'max'] as const;
export type Speed = (typeof speeds)[number];

/** Between two steps; at the original pace no silence is longer than a second. */
const stepMs = 500;
const idleMsMax = 1_000;
const frameMs = 16;

export function pauseBetween(speed: Speed, occurredMs: number, nextMs: number): number {
  if (speed === 'max') return frameMs;
  if (speed === 'original') return Math.min(idleMsMax, Math.max(frameMs, nextMs - occurredMs));
  return stepMs / Number(speed);
}
