/** Lists events: queryEvents, one page or all of them. `recent` is the newest ten. */
import type { EventEnvelope } from '@refold/core';
import { queryEvents } from '@refold/operations';
import { defineCommand } from '../command.ts';
import type { Connection } from '../connection.ts';
import { filterInput, filterOptions } from '../filter-options.ts';
import { given, isSet, listOf, textOf, usage, wholeNumberOf } from '../options.ts';
import type { Options } from '../options.ts';
import { counted, grouped } from '../output.ts';
import { eventColumns, fieldColumns, fieldOf, isOneStream } from '../render/event-rows.ts';
import type { Session } from '../session.ts';
import { hintUnknownType } from '../unknown-type.ts';

interface EventPage {
  readonly items: readonly EventEnvelope[];
  readonly nextCursor: string | null;
  readonly total: number | null;
  readonly warnings?: readonly string[];
}

export const query = defineCommand({
  arguments: [{ name: '[expression]', doc: 'CEL over the event, for what no flag says' }],
  options: [
    ...filterOptions,
    { flags: '--limit <n>', doc: 'events per page, 1 to 1,000; default 100' },
    { flags: '-n, --newest <n>', doc: 'the newest n, newest first' },
    { flags: '--order <way>', doc: 'asc (default) or desc' },
    { flags: '--cursor <cursor>', doc: 'go on after the page before' },
    { flags: '--all', doc: 'every page, as it comes' },
    { flags: '--count', doc: 'only how many' },
    { flags: '--group-by <field>', doc: 'counts per value of a field of the event' },
    { flags: '--fields <name...>', doc: 'only these fields; data.x reaches into the payload' },
  ],
  examples: [
    ['refold query --issue PROJ-123 --type "agent_run.*"', 'what the agents of an issue did'],
    ['refold query \'event.data.severity == "high"\' --type gap.identified --group-by phase', 'where the gaps are'],
    ['refold query --text timeout --since 7d --json', 'events with a word in them, as JSON'],
    ['refold recent -n 5', 'the newest five'],
  ],
  async run(session, { arguments: [expression], options, calledAs }) {
    const connection = await session.connect();
    const newest = wholeNumberOf(options, 'newest', 1) ?? (calledAs === 'recent' ? 10 : undefined);
    const input = {
      ...(await filterInput(session, options, expression)),
      ...given({ limit: newest ?? textOf(options, 'limit'), order: newest === undefined ? textOf(options, 'order') : 'desc', cursor: textOf(options, 'cursor') }),
    };
    const groupBy = textOf(options, 'groupBy');
    if (isSet(options, 'count')) return await printCount(session, connection, input);
    if (groupBy !== undefined) return await printGroups(session, connection, input, groupBy);
    await printPages(session, connection, input, options);
  },
});

async function printPages(session: Session, connection: Connection, input: object, options: Options): Promise<void> {
  const { output } = session;
  const isAll = isSet(options, 'all');
  if (isAll && output.options.mode === 'json') throw usage('--all gives one record per line.', 'output', '--all --jsonl');
  const startedAt = session.world.now();
  let [events, stream] = [0, ''];
  for await (const page of pages(connection, input, isAll)) {
    events += page.items.length;
    for (const warning of page.warnings ?? []) output.note(`refold: warning: ${output.safe(warning)}`);
    printPage(session, connection, page, listOf(options, 'fields'));
    if (output.options.columns !== Infinity && page.items[0] !== undefined && isOneStream(page.items)) stream = ` of ${output.safe(`${page.items[0].streamType}/${page.items[0].streamId}`)}`;
    // Who asked for so many has them; in other forms a program may go on.
    if (!isAll && page.nextCursor !== null && (output.options.mode !== 'text' || !('limit' in input))) output.hint(`--cursor ${page.nextCursor}     or --all`);
  }
  if (events === 0) explainNothing(session, connection, input);
  output.note(`${counted(events, 'event')}${stream}${output.options.verbose > 0 ? `; ${session.world.now() - startedAt} ms` : ''}`);
}

function printPage({ output }: Session, { registry }: Connection, page: EventPage, fields: readonly string[] | undefined): void {
  if (output.options.mode === 'json') return output.answer(fields === undefined ? page : { ...page, items: page.items.map((event) => picked(event, fields)) }, () => {});
  if (output.options.mode === 'jsonl') {
    for (const event of page.items) output.record(fields === undefined ? event : picked(event, fields), () => {});
    return;
  }
  output.table(page.items, fields === undefined ? eventColumns(output, registry, page.items) : fieldColumns(fields));
}

/** Nothing found may be the truth, or a word that was misspelt. */
function explainNothing({ output }: Session, connection: Connection, { type = [] }: { readonly type?: readonly string[] }): void {
  for (const name of type) hintUnknownType(output, connection.registry, name);
}

const picked = (event: EventEnvelope, fields: readonly string[]): object => Object.fromEntries(fields.map((field) => [field, fieldOf(event, field) ?? null]));

async function* pages(connection: Connection, input: object, isAll: boolean): AsyncGenerator<EventPage> {
  let cursor: string | null = null;
  do {
    const page: EventPage = await connection.call(queryEvents, { ...(isAll ? { limit: 1_000 } : {}), ...input, ...(cursor === null ? {} : { cursor }) });
    yield page;
    cursor = page.nextCursor;
  } while (isAll && cursor !== null);
}

async function printCount({ output }: Session, connection: Connection, input: object): Promise<void> {
  const page = await connection.call(queryEvents, { ...input, limit: 1, total: true });
  output.answer(page, ({ total }) => output.line(output.options.mode === 'plain' ? String(total) : grouped(total ?? 0)));
}

/** Grouping is a view over the pages: what a value is follows from the field's name alone. */
async function printGroups({ output }: Session, connection: Connection, input: object, field: string): Promise<void> {
  const groups = new Map<string, { events: number; streams: Set<string> }>();
  let events = 0;
  for await (const page of pages(connection, input, true))
    for (const event of page.items) {
      const value = fieldOf(event, field);
      const name = value === undefined || value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value);
      const group = groups.get(name) ?? { events: 0, streams: new Set() };
      group.events++;
      group.streams.add(`${event.streamType}/${event.streamId}`);
      groups.set(name, group);
      events++;
    }
  const rows = [...groups].map(([value, group]) => ({ value, events: group.events, streams: group.streams.size })).sort((a, b) => b.events - a.events || (a.value < b.value ? -1 : 1));
  output.answer({ items: rows, total: events }, () =>
    output.table(rows, [
      { title: field, text: (row) => row.value },
      { title: 'events', text: (row) => (output.options.mode === 'plain' ? String(row.events) : grouped(row.events)), align: 'right' },
      { title: 'streams', text: (row) => (output.options.mode === 'plain' ? String(row.streams) : counted(row.streams, 'stream')) },
    ]),
  );
  output.note(`${counted(events, 'event')} in ${counted(rows.length, 'group')}`);
}
