/**
 * A list of any length as a grid of rows of one height: what is seen is rendered, the scrollbar is scaled (scaled-scroll.ts), and the keys
 * move by exactly what they say. It knows nothing of what a row is.
 */
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement, ReactNode, Ref } from 'react';
import { clampTopRow, rowAfterKey, rowsInView, scrollTopOf, topRowAfterWheel, topRowAt, topRowShowing, trackHeightOf } from './scaled-scroll.ts';
import type { PagingKey } from './scaled-scroll.ts';

export interface ScaledListHandle {
  show(row: number): void;
  focus(): void;
  /** Stands the row at the top, as far as there are rows below it. */
  scrollTo(row: number): void;
}

interface ScaledListProps {
  readonly label: string;
  readonly id: string;
  readonly rowCount: number;
  readonly rowHeight: number;
  readonly columnCount?: number;
  /** The row that the keys act on; -1 = none. */
  readonly active: number;
  /** The row that stands for where one is; -1 = none. */
  readonly current?: number;
  readonly onActive: (row: number) => void;
  readonly onOpen?: (row: number) => void;
  /** Which rows are rendered, the end exclusive. */
  readonly onSee?: (from: number, to: number) => void;
  readonly renderRow: (row: number) => ReactNode;
  readonly handle?: Ref<ScaledListHandle>;
  readonly className?: string;
}

const rowsPerAnchor = 1_000;

const pagingKeys: { readonly [key: string]: PagingKey } = { ArrowDown: 'ArrowDown', ArrowUp: 'ArrowUp', j: 'ArrowDown', k: 'ArrowUp', PageDown: 'PageDown', PageUp: 'PageUp', Home: 'Home', End: 'End' };

export function ScaledList({ label, id, rowCount, rowHeight, columnCount = 1, active, current = -1, onActive, onOpen, onSee, renderRow, handle, className = '' }: ScaledListProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const [viewHeight, setViewHeight] = useState(0);
  const [topRow, setTopRow] = useState(0);
  /** Where we put the scrollbar ourselves: such a scroll is no wish of the reader. */
  const placed = useRef(0);
  const frame = { rowCount, rowHeight, viewHeight };
  const shownTop = clampTopRow(frame, topRow);
  const { from, to } = rowsInView(frame, shownTop);
  // Rows stand where they are and what holds them is moved, so that a scroll touches one element. What holds them begins near what
  // is seen: the place of a row stays a number of pixels that a browser knows.
  const anchor = from - (from % rowsPerAnchor);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setViewHeight(entry!.contentRect.height));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  const moveTo = useCallback(
    (row: number): void => {
      setTopRow(row);
      const element = box.current;
      if (element === null) return;
      element.scrollTop = scrollTopOf({ rowCount, rowHeight, viewHeight }, row);
      placed.current = element.scrollTop;
    },
    [rowCount, rowHeight, viewHeight],
  );

  useImperativeHandle(
    handle,
    () => ({
      show: (row) => setTopRow((before) => {
        const next = topRowShowing({ rowCount, rowHeight, viewHeight }, before, row);
        if (next !== before) queueMicrotask(() => moveTo(next));
        return next;
      }),
      focus: () => box.current?.focus(),
      scrollTo: (row) => moveTo(clampTopRow({ rowCount, rowHeight, viewHeight }, row)),
    }),
    [rowCount, rowHeight, viewHeight, moveTo],
  );

  // A list that is made lower keeps what one looks at in view.
  const lastView = useRef(viewHeight);
  useLayoutEffect(() => {
    const wasShown = current >= shownTop && current < shownTop + lastView.current / rowHeight;
    if (viewHeight < lastView.current && wasShown) moveTo(topRowShowing({ rowCount, rowHeight, viewHeight }, shownTop, current));
    lastView.current = viewHeight;
  }, [viewHeight, current, shownTop, rowCount, rowHeight, moveTo]);

  useEffect(() => onSee?.(from, to), [onSee, from, to, rowCount]);

  useEffect(() => {
    const element = box.current!;
    const onWheel = (event: WheelEvent): void => {
      if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
      event.preventDefault();
      moveTo(topRowAfterWheel({ rowCount, rowHeight, viewHeight }, shownTop, event));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [rowCount, rowHeight, viewHeight, shownTop, moveTo]);

  const onScroll = (): void => {
    const { scrollTop } = box.current!;
    if (Math.abs(scrollTop - placed.current) < 1) return;
    placed.current = scrollTop;
    setTopRow(topRowAt(frame, scrollTop));
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && active >= 0) {
      onOpen?.(active);
      event.preventDefault();
      return;
    }
    const key = pagingKeys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (key === undefined || rowCount === 0) return;
    event.preventDefault();
    event.stopPropagation();
    let row = active < 0 ? Math.round(shownTop) : rowAfterKey(frame, active, key);
    if (event.shiftKey && (key === 'ArrowDown' || key === 'ArrowUp')) for (let turn = 1; turn < 10; turn++) row = rowAfterKey(frame, row, key);
    onActive(row);
    moveTo(topRowShowing(frame, shownTop, row));
  };

  return (
    <div
      ref={box}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={rowCount}
      aria-colcount={columnCount}
      aria-activedescendant={active >= from && active < to ? `${id}-${active}` : undefined}
      className={`relative min-h-0 flex-1 overflow-y-auto overflow-x-hidden outline-none focus-visible:inset-ring-2 focus-visible:inset-ring-[var(--focus)] ${className}`}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: trackHeightOf(frame) }}>
        <div role="presentation" className="sticky top-0 overflow-hidden" style={{ height: viewHeight }}>
          <div role="presentation" style={{ transform: `translateY(${(anchor - shownTop) * rowHeight}px)` }}>
            {Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index).map((row) => (
              <div key={row} id={`${id}-${row}`} role="row" aria-rowindex={row + 1} aria-current={row === current ? 'true' : undefined} className="absolute inset-x-0" style={{ height: rowHeight, top: (row - anchor) * rowHeight }}>
                {renderRow(row)}
              </div>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
