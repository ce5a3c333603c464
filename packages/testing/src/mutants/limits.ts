/** Group I: inputs that are made to fit instead of being refused. */
import { one, withAppend, withNewEvents, withRequest } from './mutant.ts';
import type { MutantLog } from './mutant.ts';

export const limitMutants: readonly MutantLog[] = [
  {
    name: 'splits a commit that is too large',
    caughtBy: 'I91',
    wrap: withAppend(async (log, commit) => {
      const result = await one(log, commit);
      return !result.ok && result.reason === 'too-large' ? one(log, { ...commit, events: [commit.events[0]] }) : result;
    }),
  },
  {
    name: 'makes lone surrogates well-formed by itself',
    caughtBy: 'I93',
    wrap: withNewEvents((events) => events.map((event) => ({ ...event, stream: event.stream.toWellFormed(), tags: event.tags.map((tag) => tag.toWellFormed()) }))),
  },
  { name: 'sorts tags by itself', caughtBy: 'I96', wrap: withNewEvents((events) => events.map((event) => ({ ...event, tags: [...new Set(event.tags)].toSorted() }))) },
  {
    name: 'takes number-like names for numbers',
    caughtBy: 'I97',
    wrap: withRequest((request) => {
      const number = Number(request.stream);
      return Number.isNaN(number) ? request : { ...request, stream: String(number) };
    }),
  },
];
