/**
 * Answers that were too large for one result, as text, until they are read: the pieces are then of one answer, whatever the
 * log does meanwhile, and nothing is asked, or done, a second time. They are few and they go, the oldest first.
 */
import { randomBytes } from 'node:crypto';
import { LogError } from '@refold/core';
import { mcpLimits } from './limits.ts';

export interface KeptAnswer {
  readonly json: string;
  /** What stands beside every piece. */
  readonly beside: object;
  readonly isRaw: boolean;
  /** The operation's own cursor, for after the last piece. */
  readonly nextCursor: string | null;
}

export interface KeptAnswers {
  /** @returns the name it is kept under, which nobody can guess. @throws LogError TOO_LARGE `result`. */
  keep(answer: KeptAnswer): string;
  /** @throws LogError BAD_REQUEST `cursor` when it is not there, or not any longer. */
  get(name: string): KeptAnswer;
}

const nameBytes = 16;

export function createKeptAnswers({ keptCharactersMax } = mcpLimits): KeptAnswers {
  const answers = new Map<string, KeptAnswer>();
  let characters = 0;
  return {
    keep(answer) {
      if (answer.json.length > keptCharactersMax) throw new LogError('TOO_LARGE', 'The answer is larger than can be kept to be read in pieces.', { details: { reason: 'result', limit: keptCharactersMax }, hint: 'Ask for a smaller part.' });
      const name = randomBytes(nameBytes).toString('hex');
      answers.set(name, answer);
      characters += answer.json.length;
      for (const [oldest, { json }] of answers) {
        if (characters <= keptCharactersMax) break;
        answers.delete(oldest);
        characters -= json.length;
      }
      return name;
    },
    get(name) {
      const answer = answers.get(name);
      if (answer === undefined) throw new LogError('BAD_REQUEST', 'This cursor is of no answer that is kept.', { details: { reason: 'cursor', pointer: '/cursor' }, hint: 'Ask again without a cursor, and read on soon.' });
      return answer;
    },
  };
}
