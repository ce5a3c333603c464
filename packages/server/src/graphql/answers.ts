/**
 * The answers of a subscription, as JSON. One depends on the item and on the question alone, so it is made once for everybody who
 * asks the same about the same item: what a caller may see was decided when his stream was opened, and items are the same where
 * streams are. An answer that has to be waited for has asked more in the name of its caller, and one that fails tells him his
 * request: those are his own.
 *
 * They are pulled: the next piece is made when the one before is out, so nothing is read that a client has no room for.
 */
import type { ExecutionResult } from 'graphql';
import { pieceBytesMax } from '../shared-frames.ts';

export interface Answer {
  /** `{"data": ..., "extensions": {"position": ...}}` in UTF-8; it has no line ends. */
  readonly json: Uint8Array;
  /** Where the subscription goes on after it. */
  readonly position: number | undefined;
}

/** Pieces of one or more answers, of about `pieceBytesMax`. */
export type Answers = AsyncGenerator<readonly Answer[], undefined, undefined>;

export function answerOf(result: ExecutionResult): Answer {
  const position = result.extensions?.['position'];
  return { json: Buffer.from(JSON.stringify(result)), position: typeof position === 'number' ? position : undefined };
}

export interface SharedAnswers {
  /**
   * @param question  Equal for those who ask the same.
   * @param execute  Of nothing but the item and the question, where it answers at once.
   */
  answer(item: object, question: string, execute: () => ExecutionResult | Promise<ExecutionResult>): Answer | Promise<Answer>;
}

/** Questions whose answers are kept beside an item; those beyond them are answered each time. */
const questionsMax = 16;

export function createSharedAnswers(): SharedAnswers {
  // They live as long as the item does: while it stands in the window of the followers, or somebody is being given it.
  const made = new WeakMap<object, Map<string, Answer>>();
  return {
    answer(item, question, execute) {
      const answers = made.get(item) ?? new Map<string, Answer>();
      const known = answers.get(question);
      if (known !== undefined) return known;
      const result = execute();
      if (result instanceof Promise) return result.then(answerOf);
      const answer = answerOf(result);
      if (result.errors === undefined && answers.size < questionsMax) made.set(item, answers.set(question, answer));
      return answer;
    },
  };
}

export interface AnswersOptions {
  /** Aborted when nobody listens any more, which stops the reading where it waits. */
  readonly stop: AbortController;
  readonly answer: (item: object) => Answer | Promise<Answer>;
  readonly faultOf: (error: unknown) => Answer;
}

/** One answer per item; a failure is the last of them. */
export function answersOf(batches: AsyncIterable<readonly object[]>, { stop, answer, faultOf }: AnswersOptions): Answers {
  const pieces = piecesOf(batches, answer);
  let isOver = false;
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    isOver = true;
    stop.abort();
    await pieces.return(undefined);
    return { done: true, value: undefined };
  };
  return {
    async next() {
      if (isOver) return { done: true, value: undefined };
      try {
        const { done, value } = await pieces.next();
        return done === true || stop.signal.aborted ? await end() : { done: false, value };
      } catch (error) {
        const isWanted = !stop.signal.aborted;
        await end();
        return isWanted ? { done: false, value: [faultOf(error)] } : { done: true, value: undefined };
      }
    },
    return: end,
    async throw(error: unknown) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

async function* piecesOf(batches: AsyncIterable<readonly object[]>, answer: AnswersOptions['answer']): AsyncGenerator<readonly Answer[], undefined> {
  for await (const batch of batches) {
    let [piece, bytes]: [Answer[], number] = [[], 0];
    for (const item of batch) {
      const made = answer(item);
      const one = made instanceof Promise ? await made : made;
      piece.push(one);
      bytes += one.json.length;
      // The next may have to be waited for as long as this one.
      if (bytes < pieceBytesMax && made === one) continue;
      yield piece;
      [piece, bytes] = [[], 0];
    }
    if (piece.length > 0) yield piece;
  }
}
