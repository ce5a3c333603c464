/**
 * Scrolling a list that is taller than a browser allows an element to be (17.9 million pixels in Firefox, 33.5 in Chrome): a
 * million rows of 24 pixels are 24 million. The track is then shorter than the rows, and the scrollbar's place is a ratio.
 *
 * The one truth is the row at the top, a number with a fraction; the scrollbar follows it, or sets it when a person drags. So a
 * notch of the wheel is always three rows and a page is a page, however many rows there are.
 */
export const trackHeightMax = 8_000_000;
const rowsPerNotch = 3;
const pixelsPerNotch = 100;

export interface ScrollFrame {
  readonly rowCount: number;
  readonly rowHeight: number;
  readonly viewHeight: number;
}

/** Whole rows that fit; at least one, so that paging always moves. */
export const rowsPerPage = ({ rowHeight, viewHeight }: ScrollFrame): number => Math.max(1, Math.floor(viewHeight / rowHeight));

export const trackHeightOf = ({ rowCount, rowHeight, viewHeight }: ScrollFrame): number => Math.max(viewHeight, Math.min(rowCount * rowHeight, trackHeightMax));

/** The largest row that can stand at the top: the last row then stands at the bottom. */
export const topRowMax = ({ rowCount, rowHeight, viewHeight }: ScrollFrame): number => Math.max(0, rowCount - viewHeight / rowHeight);

export const clampTopRow = (frame: ScrollFrame, topRow: number): number => Math.min(topRowMax(frame), Math.max(0, topRow));

export function topRowAt(frame: ScrollFrame, scrollTop: number): number {
  const room = trackHeightOf(frame) - frame.viewHeight;
  return room <= 0 ? 0 : clampTopRow(frame, (scrollTop / room) * topRowMax(frame));
}

export function scrollTopOf(frame: ScrollFrame, topRow: number): number {
  const rows = topRowMax(frame);
  return rows <= 0 ? 0 : (clampTopRow(frame, topRow) / rows) * (trackHeightOf(frame) - frame.viewHeight);
}

/** @param wheel  deltaMode: 0 pixels, 1 lines, 2 pages, as the DOM counts them. */
export function topRowAfterWheel(frame: ScrollFrame, topRow: number, wheel: { readonly deltaY: number; readonly deltaMode: number }): number {
  const rows = wheel.deltaMode === 2 ? wheel.deltaY * rowsPerPage(frame) : wheel.deltaMode === 1 ? wheel.deltaY : (wheel.deltaY / pixelsPerNotch) * rowsPerNotch;
  return clampTopRow(frame, topRow + rows);
}

/** Rows to render, the end exclusive. */
export function rowsInView(frame: ScrollFrame, topRow: number, overscan = 4): { readonly from: number; readonly to: number } {
  return { from: Math.max(0, Math.floor(topRow) - overscan), to: Math.min(frame.rowCount, Math.ceil(topRow + frame.viewHeight / frame.rowHeight) + overscan) };
}

/** The nearest top row at which a row is wholly visible, with rows around it where there are some. */
export function topRowShowing(frame: ScrollFrame, topRow: number, row: number, margin = 2): number {
  const shown = frame.viewHeight / frame.rowHeight;
  const around = Math.max(0, Math.min(margin, Math.floor((shown - 1) / 2)));
  if (row - around < topRow) return clampTopRow(frame, row - around);
  if (row + around + 1 > topRow + shown) return clampTopRow(frame, row + around + 1 - shown);
  return clampTopRow(frame, topRow);
}

export type PagingKey = 'ArrowDown' | 'ArrowUp' | 'PageDown' | 'PageUp' | 'Home' | 'End';

/** Where the focused row goes; exact, whatever the scale. */
export function rowAfterKey(frame: ScrollFrame, row: number, key: PagingKey): number {
  const last = Math.max(0, frame.rowCount - 1);
  const to: { readonly [K in PagingKey]: number } = { ArrowDown: row + 1, ArrowUp: row - 1, PageDown: row + rowsPerPage(frame), PageUp: row - rowsPerPage(frame), Home: 0, End: last };
  return Math.min(last, Math.max(0, to[key]));
}
