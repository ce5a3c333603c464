/** Every statement of a log that is sent again and again, by name: prepared once per connection, planned once. */
import { createHash } from 'node:crypto';
import type { Statement } from './connections.ts';
import { quoted } from './schema/migrate.ts';

/** Columns of an event in the order of `EventRow` (rows.ts). The stream's name is looked up per row: no join, so no other order. */
const eventColumns = (schema: string, bodies: boolean): string =>
  `e.position, e.place, (SELECT s.name FROM ${schema}.stream s WHERE s.id = e.stream), e.revision, e.type, e.id, e.tags, e.commit_id, e.recorded_ms, e.leaf, e.previous_leaf, ${bodies ? 'e.body' : 'NULL'}, e.forgotten`;

/**
 * A page: at most $n rows, and of those as many as stay within the bound on bytes, the first in any case. The last column tells how
 * many rows there were. Lengths are known without reading a body.
 */
function pageOf(schema: string, bodies: boolean, { from, order, bytesMax }: { readonly from: string; readonly order: string; readonly bytesMax: string }): string {
  const columns = eventColumns(schema, bodies);
  if (!bodies) return `SELECT ${columns}, count(*) OVER () FROM (SELECT * FROM ${from}) e ORDER BY ${order}`;
  return `SELECT ${columns}, e.total FROM (
    SELECT w.*, sum(octet_length(w.body)) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) AS bytes, count(*) OVER () AS total FROM (SELECT * FROM ${from}) w
  ) e WHERE e.bytes <= ${bytesMax} OR e.bytes = octet_length(e.body)`;
}

export interface LogSql {
  statement(name: StatementName, values: readonly unknown[]): Statement;
}

export type StatementName = keyof ReturnType<typeof texts>;

/** The statements exactly as they run, for one log. */
export function texts(name: string) {
  const schema = quoted(name);
  const inOrder = (column: string, backward: boolean): string => `${column}${backward ? ' DESC' : ''}`;
  const log = (bodies: boolean, backward: boolean): string => {
    const order = inOrder('position', backward);
    return pageOf(schema, bodies, { from: `${schema}.event WHERE position > $1 AND position <= $2 ORDER BY ${order} LIMIT $3`, order, bytesMax: '$4' });
  };
  const stream = (bodies: boolean, backward: boolean): string => {
    const order = inOrder('revision', backward);
    // The sum keeps the bound on position out of the choice of an index.
    return pageOf(schema, bodies, { from: `${schema}.event WHERE stream = $1 AND revision > $2 AND revision <= $3 AND position + 0 <= $4 ORDER BY ${order} LIMIT $5`, order, bytesMax: '$6' });
  };
  // In the order of the list.
  const places = (bodies: boolean): string => pageOf(schema, bodies, { from: `unnest($1::bigint[]) WITH ORDINALITY AS p (wanted, n) JOIN ${schema}.event ON position = wanted`, order: 'n', bytesMax: '$2' });
  return {
    logForward: log(true, false),
    logBackward: log(true, true),
    logForwardBare: log(false, false),
    logBackwardBare: log(false, true),
    streamForward: stream(true, false),
    streamBackward: stream(true, true),
    streamForwardBare: stream(false, false),
    streamBackwardBare: stream(false, true),
    places: places(true),
    placesBare: places(false),
    standing: `SELECT position, recorded_ms FROM ${schema}.log`,
    head: `SELECT position, recorded_ms, ${schema}.epoch_now() FROM ${schema}.log`,
    lastPositionAt: `SELECT ${schema}.last_position_at($1, $2)`,
    matches: `SELECT matches, next_key FROM ${schema}.find_matches($1, $2, $3, $4, $5, $6, $7, $8)`,
    streamNumber: `SELECT id FROM ${schema}.stream WHERE name = $1`,
    positionsOfIds: `SELECT e.position FROM unnest($1::uuid[]) AS i (id) JOIN ${schema}.event e ON e.id = i.id`,
    boundsOfCommits: `SELECT c.first, c.last FROM unnest($1::text[]) AS i (id) JOIN ${schema}."commit" c ON c.id = i.id`,
    streams: `SELECT s.name, l.revision, f.position, l.position FROM (SELECT id, name FROM ${schema}.stream WHERE name >= $1 AND name < $2 AND name > $3 ORDER BY name LIMIT $4) s
      CROSS JOIN LATERAL (SELECT e.position FROM ${schema}.event e WHERE e.stream = s.id AND e.revision = 1) f
      CROSS JOIN LATERAL (SELECT e.revision, e.position FROM ${schema}.event e WHERE e.stream = s.id ORDER BY e.stream DESC, e.revision DESC LIMIT 1) l ORDER BY s.name`,
    lockHead: `SELECT at, last_ms, stream_count FROM ${schema}.lock_head()`,
    tails: `SELECT s.name, s.id, l.revision, l.leaf FROM unnest($1::text[]) AS w (name) JOIN ${schema}.stream s ON s.name = w.name
      CROSS JOIN LATERAL (SELECT e.revision, e.leaf FROM ${schema}.event e WHERE e.stream = s.id ORDER BY e.stream DESC, e.revision DESC LIMIT 1) l`,
    knownCommits: `SELECT c.id, c.first, c.last, c.digest, (SELECT e.recorded_ms FROM ${schema}.event e WHERE e.position = c.first) FROM unnest($1::text[]) AS w (id) JOIN ${schema}."commit" c ON c.id = w.id`,
    revisionsOf: `SELECT (SELECT s.name FROM ${schema}.stream s WHERE s.id = e.stream), e.revision FROM ${schema}.event e WHERE e.position BETWEEN $1 AND $2 ORDER BY e.position`,
    takenIds: `SELECT e.id FROM unnest($1::uuid[]) AS w (id) JOIN ${schema}.event e ON e.id = w.id`,
    labelNumbers: `SELECT l.id, w.n FROM unnest($1::smallint[], $2::text[]) WITH ORDINALITY AS w (kind, name, n) JOIN ${schema}.label l ON l.name = w.name AND l.kind = w.kind`,
    appendBatch: `SELECT ${schema}.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`,
    kvGet: `SELECT value, rev FROM ${schema}.kv WHERE key = $1 AND value IS NOT NULL`,
    kvList: `SELECT key, rev FROM ${schema}.kv WHERE key >= $1 AND key < $2 AND ($3::text IS NULL OR key > $3) AND value IS NOT NULL ORDER BY key LIMIT $4`,
    kvPut: `SELECT ${schema}.kv_put($1, $2, $3)`,
    kvPutAbsent: `SELECT ${schema}.kv_put_absent($1, $2)`,
    bodiesOf: `SELECT e.position, e.id, e.body FROM ${schema}.event e WHERE e.position = ANY ($1) AND NOT e.forgotten`,
    forget: `SELECT ${schema}.forget($1, $2, $3, $4, $5, $6)`,
  };
}

export function sqlOf(schema: string): LogSql {
  const all = texts(schema);
  // PostgreSQL cuts names of statements at 63 bytes.
  const stamp = createHash('sha256').update(schema).digest('hex').slice(0, 16);
  return { statement: (name, values) => ({ name: `refold_${stamp}_${name}`, text: all[name], values }) };
}
