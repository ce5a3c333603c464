import { describe, expect, test } from 'vitest';
import { fitAnswer } from './fit-answer.ts';
import type { Ask, FittedAnswer } from './fit-answer.ts';
import { createKeptAnswers } from './kept-answers.ts';
import { mcpLimits } from './limits.ts';

const bytesMax = 4_000;
const keptAnswers = createKeptAnswers();
const bytesOf = ({ structured, text }: FittedAnswer): number => Buffer.byteLength(JSON.stringify({ structured, text }));

const ask = (run: Ask['run'], more: Partial<Ask> = {}): Ask => ({ run, isPaged: false, kept: keptAnswers, cursor: undefined, isRaw: false, beside: () => ({}), fits: (answer) => bytesOf(answer) <= bytesMax, ...more });

/** Reads on until there is no more. */
async function readOn(run: Ask['run'], more: Partial<Ask> = {}): Promise<FittedAnswer[]> {
  const answers: FittedAnswer[] = [];
  for (let cursor: string | undefined; ; ) {
    const answer = await fitAnswer(ask(run, { ...more, cursor }));
    answers.push(answer);
    if (answer.nextCursor === null) return answers;
    cursor = answer.nextCursor;
  }
}

const pieces = (answers: readonly FittedAnswer[]): readonly string[] => answers.map(({ structured }) => (structured['part'] as { json: string }).json);

describe('An answer within the bound', () => {
  test('is given whole when it fits', async () => {
    const output = { a: 'x'.repeat(100) };
    expect(await fitAnswer(ask(async () => output))).toEqual({ structured: { untrusted: true, result: output }, text: JSON.stringify({ untrusted: true, result: output }), nextCursor: null });
  });

  test('bad-input J9: what is larger comes in pieces, each within the bound, cut between code points, and together it is the answer', async () => {
    // Four bytes and two code units each: a cut in the middle would show.
    const output = { text: `a${'😀'.repeat(3_000)}` };
    const answers = await readOn(async () => output);
    expect(answers.length).toBeGreaterThan(2);
    for (const answer of answers) expect(bytesOf(answer)).toBeLessThanOrEqual(bytesMax);
    for (const piece of pieces(answers)) expect(piece.isWellFormed()).toBe(true);
    expect(JSON.parse(pieces(answers).join(''))).toEqual(output);
  });

  test.each([1_000, 1_001])('bad-input J9: a bound of %i characters cuts no code point in two', async (charactersMax) => {
    const answers = await readOn(async () => '😀'.repeat(3_000), { fits: ({ text }) => text.length <= charactersMax });
    expect(answers.length).toBeGreaterThan(2);
    for (const piece of pieces(answers)) expect(piece.isWellFormed()).toBe(true);
  });

  test('a page of items becomes shorter pages of whole items', async () => {
    const items = Array.from({ length: 40 }, (_, index) => ({ index, text: 'x'.repeat(200) }));
    // An operation that pages for itself, as queryEvents does.
    const run: Ask['run'] = async ({ cursor = '0', limit = 40 }) => {
      const end = Number(cursor) + limit;
      return { items: items.slice(Number(cursor), end), nextCursor: end < items.length ? String(end) : null };
    };
    const answers = await readOn(run, { isPaged: true });
    for (const answer of answers) expect(bytesOf(answer)).toBeLessThanOrEqual(bytesMax);
    expect(answers.flatMap(({ structured }) => (structured['result'] as { items: unknown[] }).items)).toEqual(items);
  });

  test('an item that is too large comes in pieces, and the page after it follows', async () => {
    const items = [{ text: 'x'.repeat(9_000) }, { text: 'y' }];
    const run: Ask['run'] = async ({ cursor = '0', limit = 2 }) => {
      const end = Number(cursor) + limit;
      return { items: items.slice(Number(cursor), end), nextCursor: end < items.length ? String(end) : null };
    };
    const answers = await readOn(run, { isPaged: true });
    expect(JSON.parse(pieces(answers.slice(0, -1)).join(''))).toEqual({ items: [items[0]], nextCursor: '1' });
    expect(answers.at(-1)!.structured['result']).toEqual({ items: [items[1]], nextCursor: null });
  });

  test('is read on without asking, or doing, anything again', async () => {
    let runs = 0;
    const run = async (): Promise<string> => `${++runs} ${'x'.repeat(9_000)}`;
    const answers = await readOn(run);
    expect(answers.length).toBeGreaterThan(2);
    expect([runs, JSON.parse(pieces(answers).join(''))]).toEqual([1, `1 ${'x'.repeat(9_000)}`]);
  });

  test.each(['piece.', 'piece.00.0', 'other'])('the cursor %s of no answer is refused, and nothing is run', async (cursor) => {
    const run = async (): Promise<never> => expect.unreachable();
    await expect(fitAnswer(ask(run, { cursor }))).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'cursor' } });
  });

  test('few answers are kept, and none that is too large', async () => {
    const kept = createKeptAnswers({ ...mcpLimits, keptCharactersMax: 20_000 });
    const [first, second] = [await fitAnswer(ask(async () => 'x'.repeat(12_000), { kept })), await fitAnswer(ask(async () => 'y'.repeat(12_000), { kept }))];
    await expect(fitAnswer(ask(async () => null, { kept, cursor: first.nextCursor! }))).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'cursor' } });
    expect(await fitAnswer(ask(async () => null, { kept, cursor: second.nextCursor! }))).toMatchObject({ structured: { part: { of: 12_002 } } });
    await expect(fitAnswer(ask(async () => 'z'.repeat(30_000), { kept }))).rejects.toMatchObject({ code: 'TOO_LARGE', details: { reason: 'result' } });
  });
});
