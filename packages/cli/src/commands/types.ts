/** Event types with their aliases (listEventTypes), one with its payload (getEventType), counts per document. */
import { getEventType, listEventTypes } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { isSet } from '../options.ts';
import { grouped } from '../output.ts';

export const types = defineCommand({
  arguments: [{ name: '[type]', doc: 'one type, by any of its names' }],
  options: [{ flags: '--count', doc: 'events per type in this log, and types per document' }],
  examples: [
    ['refold types', 'every type this log knows'],
    ['refold types AgentFailed', 'one, with its payload'],
    ['refold types --count', 'how many there are, per document'],
  ],
  async run(session, { arguments: [type], options }) {
    const { output } = session;
    const connection = await session.connect();
    if (type !== undefined) {
      const known = await connection.call(getEventType, { type });
      return output.answer(known, () => {
        output.line(`${output.style('bold', known.name)}  ${known.doc}`);
        const facts: Record<string, string> = {
          stream: known.streamType ?? `shared (${known.part ?? ''})`,
          aliases: Object.entries(known.aliases).map(([dialect, name]) => `${name} (${dialect})`).join(', '),
          schema: known.schemaVersion,
          effect: known.effect,
          policy: known.policy,
          moves: known.transition === null ? '' : `${known.transition.machine}: ${known.transition.from.join(', ')} -> ${known.transition.to}`,
        };
        for (const [name, value] of Object.entries(facts)) if (value !== '') output.line(`  ${name.padEnd(8)} ${value}`);
        output.line('  payload');
        for (const line of JSON.stringify(known.schema, null, 2).split('\n')) output.line(`    ${line}`);
      });
    }
    const isCount = isSet(options, 'count');
    const answer = await connection.call(listEventTypes, isCount ? { counts: true } : {});
    output.answer(answer, ({ items }) => {
      output.table(items, [
        { title: 'name', text: (row) => row.name, style: () => 'cyan' },
        { title: 'stream', text: (row) => row.streamType ?? `(${row.part ?? ''})` },
        { title: 'version', text: (row) => row.schemaVersion, isOptional: true },
        { title: 'effect', text: (row) => row.effect, isOptional: true },
        ...(isCount ? [{ title: 'events', text: (row: (typeof items)[number]) => grouped(row.count ?? 0), align: 'right' as const }] : []),
        { title: 'aliases', text: (row) => [...new Set(Object.values(row.aliases))].join(' '), fills: true },
      ]);
    });
    const dialects = new Map<string, number>();
    for (const { aliases } of answer.items) for (const dialect of Object.keys(aliases)) dialects.set(dialect, (dialects.get(dialect) ?? 0) + 1);
    output.note(`${answer.items.length} types${isCount ? `; by name in a document: ${[...dialects].map(([dialect, number]) => `${dialect} ${number}`).join(', ')}` : ''}`);
  },
});
