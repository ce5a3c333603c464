import type { ExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { pieceBytesMax } from '../shared-frames.ts';
import { answerOf, answersOf, createSharedAnswers } from './answers.ts';
import type { Answer } from './answers.ts';

/** Executes as it is told, and counts. */
function executing(result: ExecutionResult | (() => Promise<ExecutionResult>)): { readonly execute: () => ExecutionResult | Promise<ExecutionResult>; readonly times: () => number } {
  let times = 0;
  return {
    execute: () => {
      times++;
      return typeof result === 'function' ? result() : result;
    },
    times: () => times,
  };
}

const textOf = ({ json }: Answer): string => Buffer.from(json).toString();

describe('An answer is made', () => {
  const item = { position: 1 };

  test('once for all who ask the same of an item, whoever they are', () => {
    const { answer } = createSharedAnswers();
    const { execute, times } = executing({ data: { a: 'ä' }, extensions: { position: 1 } });
    const all = Array.from({ length: 100 }, () => answer(item, 'q', execute) as Answer);
    expect(times()).toBe(1);
    expect(all.every((one) => one === all[0])).toBe(true);
    expect([textOf(all[0]!), all[0]!.position]).toEqual(['{"data":{"a":"ä"},"extensions":{"position":1}}', 1]);
  });

  test('again for another question and for another item', () => {
    const { answer } = createSharedAnswers();
    const { execute, times } = executing({ data: {} });
    for (const [of, question] of [[item, 'q'], [item, 'r'], [{ ...item }, 'q']] as const) void answer(of, question, execute);
    expect(times()).toBe(3);
  });

  test.each<[string, ExecutionResult | (() => Promise<ExecutionResult>)]>([
    ['that has to be waited for, because it asks in the name of its caller', async () => ({ data: {} })],
    ['that fails, because it names his request', { data: null, errors: [] }],
  ])('for each caller alone where it is one %s', async (_what, result) => {
    const { answer } = createSharedAnswers();
    const { execute, times } = executing(result);
    await answer(item, 'q', execute);
    await answer(item, 'q', execute);
    expect(times()).toBe(2);
  });

  test('each time, beyond the questions that are kept', () => {
    const { answer } = createSharedAnswers();
    const { execute, times } = executing({ data: {} });
    for (let round = 0; round < 2; round++) for (let question = 0; question < 17; question++) void answer(item, `${question}`, execute);
    expect(times()).toBe(18);
  });
});

describe('Answers come', () => {
  const fault = answerOf({ data: 'fault' as never });
  const of = (text: string): Answer => answerOf({ data: text as never });

  async function* batches(...given: readonly (readonly object[])[]): AsyncGenerator<readonly object[]> {
    yield* given;
  }

  async function piecesOf(source: AsyncIterable<readonly object[]>, answer: (item: object) => Answer | Promise<Answer>): Promise<readonly (readonly string[])[]> {
    const pieces: string[][] = [];
    for await (const piece of answersOf(source, { stop: new AbortController(), answer, faultOf: () => fault })) pieces.push(piece.map((one) => JSON.parse(textOf(one)).data));
    return pieces;
  }

  test('in order, those of a batch together', async () => {
    expect(await piecesOf(batches([{ n: 'a' }, { n: 'b' }], [{ n: 'c' }]), (item) => of((item as { n: string }).n))).toEqual([['a', 'b'], ['c']]);
  });

  test('without making the next while one was waited for, or when a piece is full', async () => {
    const large = 'x'.repeat(pieceBytesMax);
    expect(await piecesOf(batches([{}, {}]), async () => of('late'))).toEqual([['late'], ['late']]);
    expect(await piecesOf(batches([{}, {}]), () => of(large))).toEqual([[large], [large]]);
  });

  test('up to a failure, which is the last of them', async () => {
    async function* failing(): AsyncGenerator<readonly object[]> {
      yield [{}];
      throw new Error('away');
    }
    expect(await piecesOf(failing(), () => of('a'))).toEqual([['a'], ['fault']]);
  });
});
