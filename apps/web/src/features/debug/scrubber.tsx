/** The scrubber: the whole run on an axis; drag to travel, wheel to zoom. Moving the cursor moves one element and draws nothing. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactElement } from 'react';
import { useStoreValue } from '../../ui/external-store.ts';
import { usePreferences } from '../../preferences.ts';
import { amount } from '../../times.ts';
import { debugMessages } from './messages.ts';
import type { DebugModel } from './debug-model.ts';
import { drawScrubber, paletteOf, scrubberHeight } from './draw-scrubber.ts';
import type { ScrubberMark } from './draw-scrubber.ts';
import { createLodTiles } from './lod-tiles.ts';
import type { LodAxis } from '@refold/core';
import type { RevisionSet } from './revision-set.ts';
import { clamp, panned, showing, spanOf, valueAtX, xOf, zoomed } from './scrubber-geometry.ts';
import type { AxisWindow, Badge } from './scrubber-geometry.ts';

/** At most one place for each so many pixels: nearer ones could not be told apart. */
const stopsApart = 10;
const stopsMax = 200;

/** The places of a breakpoint that are drawn: by revisions the first of each stretch of pixels, on other axes a bounded, even choice. */
function spreadOf(places: RevisionSet, axis: LodAxis, window: AxisWindow, width: number): readonly number[] {
  if (axis !== 'revision') return Array.from({ length: Math.min(stopsMax, places.count) }, (_, index) => places.at(Math.floor((index * places.count) / Math.min(stopsMax, places.count)))!);
  const found: number[] = [];
  const step = Math.max(1, (spanOf(window) / Math.max(1, width)) * stopsApart);
  for (let next = places.next(window.from - 1); next !== null && next <= window.to; next = places.next(Math.max(next, Math.floor(next + step) - 1))) found.push(next);
  return found;
}

const zoomPerNotch = 1.25;
const followsMs = 1_000 / 15;

export function Scrubber({ model, isLog }: { readonly model: DebugModel; readonly isLog: boolean }): ReactElement {
  const { cursor, facts, place, rows, address, client } = model;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const needle = useRef<HTMLDivElement>(null);
  const badges = useRef<readonly Badge<ScrubberMark>[]>([]);
  const [width, setWidth] = useState(0);
  const [tip, setTip] = useState<{ readonly x: number; readonly text: string } | null>(null);
  const { theme } = usePreferences();
  const tiles = useMemo(() => createLodTiles(client, address), [client, address]);

  const axis = useStoreValue(cursor, (value) => value.axis);
  const chosen = useStoreValue(cursor, (value) => value.window);
  const head = useStoreValue(cursor, (value) => value.head);
  const marks = useStoreValue(facts, (value) => value.marks);
  const firstBad = useStoreValue(facts, (value) => value.firstBad);
  const isPlaced = useStoreValue(facts, (value) => value.isPlaced);
  const base = useStoreValue(place, (value) => value.base);
  const notes = useStoreValue(model.session, (value) => value.notes);
  const stops = useStoreValue(model.stops, (value) => value.sets);
  const version = useStoreValue(tiles, (value) => value.version);
  const known = useStoreValue(tiles, (value) => value.bounds[axis]);
  const bounds = useMemo(() => known ?? (axis === 'revision' && head > 0 ? { from: 1, to: head } : null), [known, axis, head]);
  const window = chosen ?? bounds;
  const lastHead = useRef(0);

  useEffect(() => {
    if (!isPlaced) return;
    if (lastHead.current !== 0 && head > lastHead.current) tiles.grow(head);
    lastHead.current = head;
  }, [tiles, head, isPlaced]);

  useLayoutEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (isPlaced && width > 0) tiles.want(axis, window ?? { from: 1, to: Math.max(1, head) }, width);
  }, [tiles, axis, window, width, isPlaced, version, head]);

  const placed = useMemo(() => {
    if (window === null || width === 0) return [];
    const at = (revision: number): number | null => {
      const value = tiles.valueOf(axis, revision);
      return value === null ? null : xOf(window, width, value);
    };
    const all = [
      ...marks.map(({ kind, from, to, label, at: began, until }) => ({ from, to, mark: { kind, label, revision: from, ...(until === null ? {} : { ms: Date.parse(until) - Date.parse(began) }) } })),
      ...notes.map(({ revision, text }) => ({ from: revision, to: revision, mark: { kind: 'bookmark', label: text === '' ? `Bookmark at event ${revision}` : text, revision } })),
      ...stops.flatMap(({ type, places }) => spreadOf(places, axis, window, width).map((revision) => ({ from: revision, to: revision, mark: { kind: 'breakpoint', label: `Breakpoint: ${type}`, revision } }))),
      ...(firstBad === null ? [] : [{ from: firstBad.revision, to: firstBad.revision, mark: { kind: 'first_bad', label: `First bad: ${firstBad.summary}`, revision: firstBad.revision } }]),
      ...(typeof base !== 'number' ? [] : [{ from: base, to: base, mark: { kind: 'base', label: `Base of the diff: ${base}`, revision: base } }]),
    ];
    return all.flatMap(({ from, to, mark }) => {
      const x = at(from);
      return x === null ? [] : [{ x, endX: to === from ? null : at(to ?? head), mark }];
    });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new version of the tiles knows more places
  }, [marks, notes, stops, firstBad, base, window, width, axis, head, tiles, version]);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined || window === null || bounds === null || width === 0) return;
    const scale = devicePixelRatio;
    const element = canvas.current!;
    if (element.width !== width * scale) {
      element.width = width * scale;
      element.height = scrubberHeight * scale;
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const before = performance.now();
    badges.current = drawScrubber(context, { width, axis, window, bounds, buckets: tiles.buckets(axis, window, width), overview: tiles.overview(axis), marks: placed, isLog, palette: paletteOf(element) });
    element.dataset['drawMs'] = (performance.now() - before).toFixed(2);
  }, [tiles, version, width, axis, window, bounds, placed, isLog, theme]);

  /** Only the needle moves with the cursor. */
  const showNeedle = useCallback((): void => {
    const { revision } = cursor.get();
    const slider = box.current;
    if (window === null || needle.current === null || slider === null) return;
    const value = tiles.valueOf(axis, Math.max(1, revision));
    const x = value === null ? -9 : xOf(window, width, value);
    needle.current.style.transform = `translateX(${x}px)`;
    needle.current.hidden = x < -1 || x > width + 1;
    const row = rows.row(rows.indexOf(revision));
    slider.setAttribute('aria-valuenow', String(revision));
    slider.setAttribute('aria-valuetext', row === undefined || row.revision !== revision ? debugMessages.place(amount(revision), amount(cursor.get().head)) : debugMessages.placeOf(amount(revision), amount(cursor.get().head), row.summary, row.occurredAt.slice(11, 19)));
  }, [cursor, rows, tiles, axis, window, width]);
  useEffect(() => {
    showNeedle();
    const leave = [cursor.subscribe(showNeedle), rows.subscribe(showNeedle)];
    return () => {
      for (const one of leave) one();
    };
  }, [cursor, rows, showNeedle, version]);

  /** While playing, the window goes along. */
  useEffect(
    () =>
      cursor.subscribe(() => {
        const { window: seen, transport, revision } = cursor.get();
        if (seen === null || bounds === null || (transport.at !== 'playing' && transport.at !== 'live')) return;
        const value = tiles.valueOf(axis, revision);
        if (value !== null && (value < seen.from || value > seen.to)) cursor.set({ window: showing(seen, bounds, value) });
      }),
    [cursor, tiles, axis, bounds],
  );

  const setWindow = (next: AxisWindow | null): void => cursor.set({ window: next === null || bounds === null || spanOf(next) >= spanOf(bounds) ? null : next });

  const drag = useRef<{ readonly startX: number; readonly selects: boolean; moved: boolean; at: number; due: ReturnType<typeof setTimeout> | undefined } | null>(null);
  const [selection, setSelection] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const xIn = (event: { readonly clientX: number }): number => event.clientX - box.current!.getBoundingClientRect().left;

  const travelTo = (x: number, jumps: boolean): void => {
    if (window === null) return;
    const revision = tiles.revisionAt(axis, valueAtX(window, width, x));
    if (revision === null) return;
    if (jumps) cursor.jumpTo(revision);
    else cursor.moveTo(revision);
  };

  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    box.current!.setPointerCapture(event.pointerId);
    drag.current = { startX: xIn(event), selects: event.shiftKey, moved: false, at: 0, due: undefined };
  };
  const onPointerMove = (event: PointerEvent): void => {
    const x = xIn(event);
    const held = drag.current;
    if (held === null) return showTip(x, event.nativeEvent.offsetY);
    if (!held.moved && Math.abs(x - held.startX) < 3) return;
    if (held.selects) return setSelection({ from: Math.min(x, held.startX), to: Math.max(x, held.startX) });
    if (!held.moved) {
      // Where the drag begins is a jump, so that Back leads there from all of it.
      held.moved = true;
      travelTo(x, true);
      held.at = event.timeStamp;
      return;
    }
    clearTimeout(held.due);
    const wait = held.at + followsMs - event.timeStamp;
    const move = (): void => {
      held.at = event.timeStamp + Math.max(0, wait);
      travelTo(x, false);
    };
    if (wait <= 0) move();
    else held.due = setTimeout(move, wait);
  };
  const onPointerUp = (event: PointerEvent): void => {
    const held = drag.current;
    drag.current = null;
    if (held === null || window === null) return;
    clearTimeout(held.due);
    if (held.selects && selection !== null) {
      setWindow({ from: valueAtX(window, width, selection.from), to: valueAtX(window, width, selection.to) });
      return setSelection(null);
    }
    const x = xIn(event);
    const badge = held.moved ? undefined : badges.current.find((one) => Math.abs(one.x - x) <= 6);
    if (badge !== undefined) cursor.jumpTo(badge.mark.revision);
    else travelTo(x, !held.moved);
  };
  const showTip = (x: number, y: number): void => {
    const badge = y < 68 || y > 94 ? undefined : badges.current.find((one) => Math.abs(one.x - x) <= 6);
    setTip(badge === undefined ? null : { x, text: badge.marks.length === 1 ? badge.mark.label : debugMessages.marksHere(badge.marks.length, badge.mark.label) });
  };

  useEffect(() => {
    const element = box.current!;
    const onWheel = (event: WheelEvent): void => {
      if (window === null || bounds === null) return;
      event.preventDefault();
      const x = xIn(event);
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) setWindow(panned(window, bounds, event.deltaX / width));
      else setWindow(zoomed(window, bounds, width, x, zoomPerNotch ** (event.deltaY / 100)));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (window === null || bounds === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const { revision, head: last } = cursor.get();
    const middle = xOf(window, width, tiles.valueOf(axis, revision) ?? window.from);
    const page = Math.max(1, Math.round(spanOf(window) / 20));
    const acts: { readonly [key: string]: () => void } = {
      ArrowRight: () => (event.shiftKey ? setWindow(panned(window, bounds, 0.25)) : model.step(1)),
      ArrowLeft: () => (event.shiftKey ? setWindow(panned(window, bounds, -0.25)) : model.step(-1)),
      PageUp: () => cursor.moveTo(clamp(revision - (axis === 'revision' ? page : 20), 0, last)),
      PageDown: () => cursor.moveTo(clamp(revision + (axis === 'revision' ? page : 20), 0, last)),
      Home: () => cursor.jumpTo(1),
      End: () => cursor.jumpTo(last),
      '+': () => setWindow(zoomed(window, bounds, width, middle, 1 / zoomPerNotch ** 2)),
      '-': () => setWindow(zoomed(window, bounds, width, middle, zoomPerNotch ** 2)),
      z: () => setWindow(null),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  return (
    <div
      ref={box}
      role="slider"
      tabIndex={0}
      aria-label={debugMessages.scrubber}
      aria-valuemin={0}
      aria-valuemax={head}
      aria-valuenow={cursor.get().revision}
      data-testid="scrubber"
      className="relative shrink-0 cursor-crosshair touch-none border-b border-line bg-surface-1 select-none focus-visible:-outline-offset-2"
      style={{ height: scrubberHeight }}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => (drag.current = null)}
      onPointerLeave={() => setTip(null)}
      onDoubleClick={() => setWindow(null)}
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} aria-hidden className="absolute inset-0 size-full" />
      {selection !== null && <div aria-hidden className="absolute inset-y-0 bg-accent/20" style={{ left: selection.from, width: selection.to - selection.from }} />}
      <div ref={needle} aria-hidden className="pointer-events-none absolute top-3 left-0 h-[82px] w-0">
        <div className="absolute -left-px h-full w-0.5 bg-text" />
        <div className="absolute -top-1 -left-1 size-2 rotate-45 bg-text" />
      </div>
      {tip !== null && (
        <div aria-hidden className="foreign pointer-events-none absolute top-[94px] z-20 max-w-80 truncate rounded border border-line bg-surface-3 px-2 py-0.5 shadow-over" style={{ left: clamp(tip.x - 40, 0, Math.max(0, width - 320)) }}>
          {tip.text}
        </div>
      )}
    </div>
  );
}
