/** Groups E, F and O: readings with wrong bounds, orders, ends, and contents. */
import type { Page, Recorded } from '@refold/core';
import { wrapLog } from '../wrap-log.ts';
import { one, withAppend, withEvents, withPages, withRequest } from './mutant.ts';
import type { MutantLog } from './mutant.ts';

export const readMutants: readonly MutantLog[] = [
  { name: 'takes after as inclusive', caughtBy: 'F61', wrap: withRequest((request) => (request.after === undefined ? request : { ...request, after: request.after - 1 })) },
  { name: 'takes upTo as exclusive', caughtBy: 'F61', wrap: withRequest((request) => (request.upTo === undefined ? request : { ...request, upTo: request.upTo - 1 })) },
  { name: 'ignores the direction', caughtBy: 'E55', wrap: withRequest((request) => ({ ...request, direction: 'forward' })) },
  { name: 'takes a limit as one more', caughtBy: 'F68', wrap: withRequest((request) => (request.limit === undefined ? request : { ...request, limit: request.limit + 1 })) },
  { name: 'says that a limited reading was all', caughtBy: 'F62', wrap: withPages((page) => ({ ...page, next: null })) },
  {
    name: 'goes on one too far after a page',
    caughtBy: 'F62',
    wrap: withPages((page, request) => ({ ...page, next: page.next === null ? null : page.next + (request.direction === 'backward' ? -1 : 1) })),
  },
  {
    name: 'gives no page when nothing matches',
    caughtBy: 'F63',
    wrap: (driver) => wrapLog(driver, {
      async *read(request, signal) {
        for await (const page of driver.read(request, signal)) if (page.events.length > 0) yield page;
      },
    }),
  },
  { name: 'names the last event instead of the head', caughtBy: 'F63', wrap: withPages((page) => ({ ...page, head: page.events.at(-1)?.position ?? 0 })) },
  { name: 'reads a stream by positions', caughtBy: 'F64', wrap: withRequest(({ stream, ...request }) => (stream === undefined ? request : { ...request, query: { items: [] } })) },
  {
    name: 'cuts by time exclusively',
    caughtBy: 'F66',
    wrap: withRequest((request) => (request.upToTime === undefined ? request : { ...request, upToTime: new Date(Date.parse(request.upToTime) - 1).toISOString() })),
  },
  { name: 'ignores the cut by time', caughtBy: 'F66', wrap: withRequest(({ upToTime: _ignored, ...request }) => request) },
  { name: 'sends bodies although none are wanted', caughtBy: 'F67', wrap: withRequest((request) => ({ ...request, bodies: true })) },
  { name: 'drops the commit id with the body', caughtBy: 'F67', wrap: withEvents((event, request) => (request.bodies === false ? { ...event, commit: '' } : event)) },
  {
    name: 'goes on after an abort',
    caughtBy: 'F70',
    wrap: (driver) => wrapLog(driver, { read: (request) => driver.read(request) }),
  },
  {
    name: 'gives everything in one page',
    caughtBy: 'F70',
    wrap: (driver) => wrapLog(driver, {
      async *read(request, signal) {
        const pages: Page[] = [];
        for await (const page of driver.read(request, signal)) pages.push(page);
        const last = pages.at(-1);
        if (last !== undefined) yield { ...last, events: pages.flatMap((page) => page.events) };
      },
    }),
  },
  { name: 'takes bodies for text', caughtBy: 'I92', wrap: withEvents((event) => ({ ...event, body: new TextEncoder().encode(new TextDecoder().decode(event.body)) })) },
  { name: 'cuts a body at the first NUL', caughtBy: 'I92', wrap: withEvents((event) => ({ ...event, body: event.body.includes(0) ? event.body.slice(0, event.body.indexOf(0)) : event.body })) },
  {
    name: 'compares tags without regard to case',
    caughtBy: 'I94',
    wrap: (driver) => wrapLog(driver, {
      async *read(request, signal) {
        const wanted = request.query?.items.flatMap((item) => item.tags ?? []).map((tag) => tag.toLowerCase()) ?? [];
        if (wanted.length === 0) return yield* driver.read(request, signal);
        const { query: _query, ...rest } = request;
        const isWanted = (event: Recorded): boolean => wanted.every((tag) => event.tags.some((own) => own.toLowerCase() === tag));
        for await (const page of driver.read(rest, signal)) yield { ...page, events: page.events.filter(isWanted) };
      },
    }),
  },
  { name: 'brings tags into NFC', caughtBy: 'I94', wrap: withEvents((event) => ({ ...event, tags: event.tags.map((tag) => tag.normalize('NFC')) })) },
  { name: 'ignores the case of a stream name', caughtBy: 'F72', wrap: withRequest((request) => (request.stream === undefined ? request : { ...request, stream: request.stream.toLowerCase() })) },
  { name: 'lets recordedAt run backward', caughtBy: 'E56', wrap: withEvents((event) => ({ ...event, recordedAt: new Date(Date.parse(event.recordedAt) - event.position).toISOString() })) },
  {
    name: 'finds only the first event of a commit',
    caughtBy: 'O126',
    wrap: withPages((page, request) => (request.commits === undefined ? page : { ...page, events: page.events.filter((event) => event.index === 0) })),
  },
  { name: 'finds only the first id', caughtBy: 'O125', wrap: withRequest((request) => (request.ids === undefined ? request : { ...request, ids: request.ids.slice(0, 1) })) },
  { name: 'lists streams without regard to the prefix', caughtBy: 'O127', wrap: (driver) => wrapLog(driver, { streams: ({ prefix: _prefix, ...request }) => driver.streams(request) }) },
  {
    name: 'lets a reader see a commit before it is whole',
    caughtBy: 'E58',
    wrap: withAppend(async (log, commit) => {
      const [head, ...rest] = commit.events;
      const first = await one(log, { ...commit, events: [head] });
      let last = first;
      for (const [index, event] of rest.entries()) {
        if (!last.ok) return last;
        await new Promise((resolve) => setTimeout(resolve, 0));
        last = await one(log, { id: `${commit.id}-${index}`, digest: commit.digest, events: [event] });
      }
      return first.ok && last.ok ? { ...last, first: first.first } : last;
    }),
  },
];
