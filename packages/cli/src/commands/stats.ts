/** Counts of what a filter asks for: stats; with --storage how large the log is on disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stats, systemInfo } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { filterInput, filterOptions } from '../filter-options.ts';
import { findStore } from '../find-store.ts';
import { given, isSet, textOf, usage } from '../options.ts';
import { grouped } from '../output.ts';
import type { Session } from '../session.ts';

export const statsCommand = defineCommand({
  arguments: [],
  options: [...filterOptions, { flags: '--bucket <size>', doc: 'counts over time per minute, hour or day', choices: ['minute', 'hour', 'day'] }, { flags: '--storage', doc: 'bytes on disk instead' }],
  examples: [
    ['refold stats', 'what is in the log'],
    ['refold stats --issue PROJ-123 --bucket day', 'one issue, day by day'],
    ['refold stats --storage', 'how large it is'],
  ],
  async run(session, { options }) {
    if (isSet(options, 'storage')) return await printStorage(session);
    const { output } = session;
    const bucket = textOf(options, 'bucket');
    const connection = await session.connect();
    const answer = await connection.call(stats, { ...(await filterInput(session, options)), ...given({ bucket }) });
    output.answer(answer, () => {
      const sections: Record<string, Readonly<Record<string, number>>> = { type: answer.byType, actor: answer.byActor, 'stream type': answer.byStreamType, priority: answer.byPriority, day: answer.byDate };
      if (bucket !== undefined) sections[bucket] = Object.fromEntries(answer.buckets.map(({ start, count }) => [start, count]));
      const rows = Object.entries(sections).flatMap(([by, counts]) => topOf(counts, output.options.mode === 'plain' || output.options.verbose > 0 || bucket === by ? Infinity : valuesShown).map(({ value, count }) => ({ by, value, count })));
      if (output.options.mode !== 'plain') output.line(`${output.style('bold', grouped(answer.total))} events${answer.from === null ? '' : `   ${output.instant(answer.from)} to ${output.instant(answer.to)}`}`);
      output.table(rows, [
        { title: 'by', text: (row) => row.by, style: () => 'dim' },
        { title: 'count', text: (row) => (output.options.mode === 'plain' ? String(row.count) : grouped(row.count)), align: 'right' },
        { title: 'value', text: (row) => row.value, fills: true },
      ]);
    });
  },
});

const valuesShown = 10;

/** The most frequent values, and how many others there are; days and buckets stay in the order of time. */
function topOf(counts: Readonly<Record<string, number>>, most: number): readonly { readonly value: string; readonly count: number }[] {
  const all = Object.entries(counts).map(([value, count]) => ({ value, count }));
  if (all.length <= most) return all;
  const sorted = all.toSorted((a, b) => b.count - a.count);
  const rest = sorted.slice(most);
  return [...sorted.slice(0, most), { value: `(${rest.length} others; -v shows them)`, count: rest.reduce((sum, { count }) => sum + count, 0) }];
}

/** @throws LogError BAD_REQUEST for an engine that keeps its files elsewhere. */
function filesOf(url: string): readonly string[] {
  const path = url.slice(url.indexOf(':') + 1);
  if (url.startsWith('sqlite:')) return [path, `${path}-wal`, `${path}-shm`, path.replace(/\.db$/, '.search.db')];
  if (url.startsWith('jsonl:')) return readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
  throw usage('Only a log in files has a size on disk here.', 'storage', 'Ask the database: docs/how-to/choose-an-engine.md has the query.');
}

/** What `du` says, from here. */
async function printStorage(session: Session): Promise<void> {
  const { output } = session;
  const { url } = findStore(session);
  const { events } = await (await session.connect()).call(systemInfo, {});
  const files = filesOf(url).flatMap((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found === undefined ? [] : [{ file, bytes: found.size }];
  });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  output.answer({ events, bytes, files }, () => {
    output.table(files, [
      { title: 'bytes', text: (row) => (output.options.mode === 'plain' ? String(row.bytes) : grouped(row.bytes)), align: 'right' },
      { title: 'file', text: (row) => row.file, fills: true },
    ]);
    if (output.options.mode !== 'plain') output.line(`${grouped(bytes)} bytes, ${grouped(events)} events`);
  });
}
