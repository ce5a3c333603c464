/** Two panes and a bar between them that is dragged, or moved with the arrows; its place is kept in this browser. */
import { useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactElement, ReactNode } from 'react';
import { uiMessages } from './messages.ts';

interface SplitterProps {
  /** Where the size is kept, for example `debug.events`. */
  readonly name: string;
  /** Pixels of the pane that is sized. */
  readonly initial: number;
  readonly min: number;
  readonly max?: number;
  /** Which of the two is sized; default `start`. */
  readonly sized?: 'start' | 'end';
  readonly label?: string;
  readonly start: ReactNode;
  readonly end: ReactNode;
}

export function Splitter({ name, initial, min, max = 1_600, sized = 'start', label = uiMessages.resize, start, end }: SplitterProps): ReactElement {
  const [size, setSize] = useState(() => kept(name) ?? initial);
  const drag = useRef<{ readonly x: number; readonly size: number } | null>(null);
  const shown = Math.min(max, Math.max(min, size));
  const change = (next: number): void => {
    const within = Math.min(max, Math.max(min, Math.round(next)));
    setSize(within);
    keep(name, within);
  };
  const grow = (delta: number): void => change(shown + (sized === 'start' ? delta : -delta));

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, size: shown };
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (drag.current === null) return;
    const moved = event.clientX - drag.current.x;
    change(drag.current.size + (sized === 'start' ? moved : -moved));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? 64 : 16;
    if (event.key === 'ArrowLeft') grow(-step);
    else if (event.key === 'ArrowRight') grow(step);
    else if (event.key === 'Home') change(min);
    else return;
    event.preventDefault();
  };

  const sizedStyle = { width: shown, flex: 'none' } as const;
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col" style={sized === 'start' ? sizedStyle : undefined}>{start}</div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={shown}
        aria-valuemin={min}
        aria-valuemax={max}
        tabIndex={0}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => (drag.current = null)}
        onPointerCancel={() => (drag.current = null)}
        onDoubleClick={() => change(initial)}
        onKeyDown={onKeyDown}
        // Four pixels are seen, twelve can be caught.
        className="relative z-10 w-1 shrink-0 cursor-col-resize touch-none border-x border-line bg-surface-2 before:absolute before:inset-y-0 before:-inset-x-1 hover:bg-accent"
      />
      <div className="flex min-w-0 flex-1 flex-col" style={sized === 'end' ? sizedStyle : undefined}>{end}</div>
    </div>
  );
}

function kept(name: string): number | null {
  try {
    const size = Number(localStorage.getItem(`refold.splitter.${name}`) ?? Number.NaN);
    return Number.isFinite(size) ? size : null;
  } catch {
    return null;
  }
}

function keep(name: string, size: number): void {
  try {
    localStorage.setItem(`refold.splitter.${name}`, String(size));
  } catch {
    // It is where it is for this visit.
  }
}
