/** One question, asked when it is first shown and whenever it changes. */
import type { CallName, InputOf, OutputOf } from '@refold/client';
import { useMemo } from 'react';
import type { Shown, Source } from './feeds.ts';
import { useSource } from './refold-provider.ts';

export interface Answer<T> extends Shown {
  /** null until it is there; never that of another question. */
  readonly answer: T | null;
  readonly isLoading: boolean;
}

/** @param input  A new object with the same contents is the same question. */
export function useAnswer<N extends CallName>(name: N, input: InputOf<N>): Answer<OutputOf<N>> {
  const asked = JSON.stringify(input);
  return useSource(useMemo(() => answerSource(name, asked), [name, asked]));
}

const answerSource = <N extends CallName>(name: N, asked: string): Source<Answer<OutputOf<N>>> => ({
  key: `answer ${name} ${asked}`,
  initial: { answer: null, isLoading: true, error: null },
  async run(transport, { signal, change }) {
    try {
      const answer = await transport.ask(name, JSON.parse(asked) as InputOf<N>, { signal });
      change((before) => ({ ...before, answer }));
    } finally {
      change((before) => ({ ...before, isLoading: false }));
    }
  },
});
