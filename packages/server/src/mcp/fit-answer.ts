/**
 * An answer of any size within the bound of one result. What fits is given whole. A page of items becomes a shorter page, by
 * asking the operation for fewer. What is larger all the same is kept and given as text, piece after piece, cut between code
 * points.
 */
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import { mcpLimits } from './limits.ts';
import { plainValue } from './plain-text.ts';

export interface Ask {
  /** Runs the operation; `page` stands above what the caller said of pages. */
  run(page: { readonly cursor?: string; readonly limit?: number }): Promise<unknown>;
  /** The operation gives pages, and takes cursors of its own. */
  readonly isPaged: boolean;
  readonly cursor: string | undefined;
  readonly isRaw: boolean;
  /** What stands beside the output in the structured content. */
  readonly beside: (output: unknown) => object;
  /** Whether this fits, as the bytes on the wire will be. */
  readonly fits: (answer: FittedAnswer) => boolean;
  readonly kept: KeptAnswers;
}

export interface FittedAnswer {
  readonly structured: { readonly untrusted: true; readonly [part: string]: unknown };
  /** What goes between the fences. */
  readonly text: string;
  readonly nextCursor: string | null;
}

/** @throws LogError BAD_REQUEST `cursor` for a cursor of no answer; TOO_LARGE `result`; whatever the operation throws. */
export async function fitAnswer(ask: Ask): Promise<FittedAnswer> {
  const { cursor, isPaged, isRaw, kept } = ask;
  // A cursor of ours, or of nobody: then too the operation is not run.
  if (cursor !== undefined && (!isPaged || cursor.startsWith(piecePrefix))) return nextPiece(ask, cursor);

  const page = cursor === undefined ? {} : { cursor };
  let output = await ask.run(page);
  for (let answer = wholeOf(ask, output); ; answer = wholeOf(ask, output)) {
    if (ask.fits(answer)) return answer;
    const limit = isPaged ? fittingItems(output) : 0;
    if (limit < 1) break;
    output = await ask.run({ ...page, limit });
  }
  const answer = { json: JSON.stringify(isRaw ? output : plainValue(output)), beside: ask.beside(output), isRaw, nextCursor: nextCursorOf(output) };
  return pieceOf(ask, kept.keep(answer), answer, 0);
}

function wholeOf({ isRaw, beside }: Ask, output: unknown): FittedAnswer {
  const nextCursor = nextCursorOf(output);
  const structured = { untrusted: true as const, result: isRaw ? output : plainValue(output), ...beside(output), ...(nextCursor === null ? {} : { nextCursor }) };
  return { structured, text: JSON.stringify(isRaw ? plainValue(structured) : structured), nextCursor };
}

const nextCursorOf = (output: unknown): string | null => (output as { readonly nextCursor?: string | null } | null)?.nextCursor ?? null;

/* ---- Fewer items ---- */

/** Each item stands in a result twice, once of that as a text in JSON; what surrounds the items has its share. */
const shareOfItems = 0.4;

/** How many of the page's items should fit; always fewer than there are, 0 when there are none to leave out. */
function fittingItems(output: unknown): number {
  const items = (output as { readonly items?: unknown } | null)?.items;
  if (!Array.isArray(items) || items.length < 2) return 0;
  const bytes = items.map((item) => Buffer.byteLength(JSON.stringify(item)));
  let [count, room] = [0, mcpLimits.resultBytesMax * shareOfItems];
  while (count < items.length - 1 && (room -= bytes[count]!) >= 0) count++;
  return Math.max(1, count);
}

/* ---- A piece of the text ---- */

const piecePrefix = 'piece.';

function nextPiece(ask: Ask, cursor: string): FittedAnswer {
  const [, name = '', from = ''] = /^piece\.([0-9a-f]+)\.(\d{1,15})$/.exec(cursor) ?? [];
  return pieceOf(ask, name, ask.kept.get(name), Number(from));
}

function pieceOf({ fits }: Ask, name: string, { json, beside, isRaw, nextCursor: afterwards }: KeptAnswer, from: number): FittedAnswer {
  const upTo = (end: number): FittedAnswer => {
    const nextCursor = end < json.length ? `${piecePrefix}${name}.${end}` : afterwards;
    const part = json.slice(from, end);
    // Half an escape cannot be cleaned, so what was asked for as recorded is not written a second time.
    const text = isRaw ? `characters ${from} to ${end} of ${json.length}, as recorded: see the structured content` : part;
    return { structured: { untrusted: true, part: { json: part, from, to: end, of: json.length }, ...beside, ...(nextCursor === null ? {} : { nextCursor }) }, text, nextCursor };
  };
  let [enough, tooMuch] = [from + 1, json.length + 1];
  while (tooMuch - enough > 1) {
    const middle = Math.floor((enough + tooMuch) / 2);
    if (fits(upTo(middle))) enough = middle;
    else tooMuch = middle;
  }
  // A cut behind the first half of a code point would leave half of it on either side.
  return upTo(enough < json.length && isHighSurrogate(json, enough - 1) ? enough - 1 : enough);
}

const isHighSurrogate = (text: string, index: number): boolean => (text.charCodeAt(index) & 0xfc00) === 0xd800;
