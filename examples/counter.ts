/** An aggregate of your own: what may happen, and what it does to the state. Every tool of Refold works on it. */
import { defineAggregate } from '@refold/core';
import { z } from 'zod';

interface Counter {
  status: 'open' | 'closed';
  value: number;
}

const whileOpen = { machine: 'counter', status: (state: Counter) => state.status, from: ['open'] };

export const counter = defineAggregate<Counter>({
  type: 'counter',
  version: '1.0.0',
  initial: () => ({ status: 'open', value: 0 }),
  events: {
    'counter.increased': { schema: z.looseObject({ by: z.number() }), transition: { ...whileOpen, to: 'same' }, evolve: (draft, { data }) => void (draft.value += Number(data['by'])) },
    'counter.closed': { transition: { ...whileOpen, to: 'closed' }, evolve: (draft) => void (draft.status = 'closed') },
  },
});
