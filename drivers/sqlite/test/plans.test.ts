/** F74: the engine answers the real queries with an index and without sorting, whatever the size of the log. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqliteLog } from '@refold/driver-sqlite';
import { acceptAll, createTraffic, temporaryFolder } from '@refold/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postingQueries } from '../src/postings.ts';
import { eventQueries, recordsQuery, standingQuery } from '../src/rows.ts';

const path = join(temporaryFolder(), 'log.db');
let db: Database.Database;

beforeAll(async () => {
  const log = openSqliteLog({ path });
  const traffic = createTraffic(1);
  await acceptAll(log, Array.from({ length: 200 }, (_, index) => traffic.commit(Array.from({ length: 5 }, () => ({ stream: `job/${index % 20}`, tags: [`n:${index % 7}`] })))));
  await log.close();
  db = new Database(path, { readonly: true });
  // Plans with and without statistics may differ; ours must not need any.
  expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'").pluck().get()).toBe(0);
});
afterAll(() => db.close());

const planOf = (sql: string): readonly string[] =>
  db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...Array.from(sql.matchAll(/\?/g), () => 1)).map(({ detail }) => detail);

const commitLookup = 'SEARCH f USING INTEGER PRIMARY KEY (rowid=?)';

describe('F74, B-127: the queries of readings', () => {
  const queries = eventQueries();
  it.each([
    ['logForward', ['SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)', commitLookup]],
    ['logBackward', ['SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)', commitLookup]],
    ['streamForward', ['SEARCH e USING INDEX event_by_stream (stream=? AND revision>? AND revision<?)', commitLookup]],
    ['streamBackward', ['SEARCH e USING INDEX event_by_stream (stream=? AND revision>? AND revision<?)', commitLookup]],
    ['positions', ['SCAN wanted VIRTUAL TABLE INDEX 1:', 'SEARCH e USING INTEGER PRIMARY KEY (rowid=?)', commitLookup]],
  ] as const)('%s seeks and does not sort', (name, plan) => {
    expect(planOf(queries[name])).toEqual(plan);
  });

  it.each([true, false])('records (bodies: %s) are sought one by one and come in the order of the list', (bodies) => {
    expect(planOf(recordsQuery(bodies))).toEqual(['SCAN wanted VIRTUAL TABLE INDEX 1:', 'SEARCH e USING INTEGER PRIMARY KEY (rowid=?)']);
  });
});

describe('F74: the other queries', () => {
  it.each([
    ['runs of a label, forward', postingQueries.forward, ['SEARCH posting USING PRIMARY KEY (label=? AND last>? AND last<?)']],
    ['runs of a label, backward', postingQueries.backward, ['SEARCH posting USING PRIMARY KEY (label=? AND last<?)']],
  ])('%s seek and do not sort', (_name, sql, plan) => {
    expect(planOf(sql)).toEqual(plan);
  });

  it('the head is found without a scan', () => {
    expect(planOf(standingQuery).filter((step) => /SCAN (?!log)|TEMP B-TREE/.test(step))).toEqual([]);
  });
});
