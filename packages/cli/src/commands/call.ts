/** Any operation by its name, with its input as JSON. */
import { LogError, nearest } from '@refold/core';
import { isStream, operations } from '@refold/operations';
import type { Operation } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { isSet, textOf, usage } from '../options.ts';
import { jsonArgument } from '../read-input.ts';

export const callCommand = defineCommand({
  arguments: [{ name: '[operation]', doc: 'name of an operation' }],
  options: [
    { flags: '--input <json>', doc: 'JSON, @FILE or -; default {}' },
    { flags: '--list', doc: 'every operation, with what it does' },
  ],
  examples: [
    ['refold call --list', 'what there is'],
    ["refold call stateAt --input '{\"streamType\":\"orchestration\",\"streamId\":\"PROJ-123\"}'", 'one of them'],
  ],
  async run(session, { arguments: [name], options }) {
    const { output, world } = session;
    if (isSet(options, 'list')) {
      const rows = operations.map(({ name: operation, scope, http, doc }) => ({ name: operation, scope, http: http === undefined ? null : `${http.method} ${http.path}`, doc }));
      return output.answer({ items: rows }, () =>
        output.table(rows, [
          { title: 'name', text: (row) => row.name, style: () => 'bold' },
          { title: 'scope', text: (row) => row.scope, isOptional: true },
          { title: 'http', text: (row) => row.http ?? '-', isOptional: true },
          { title: 'doc', text: (row) => row.doc, fills: true },
        ]),
      );
    }
    if (name === undefined) throw usage('call takes the name of an operation, or --list.', 'usage', 'refold call --list');
    const operation = operations.find((candidate) => candidate.name === name);
    if (operation === undefined) throw unknown(name);
    const input = await jsonArgument(world, textOf(options, 'input') ?? '{}', '--input');
    const connection = await session.connect();
    const print = (value: unknown): void => output.line(JSON.stringify(value, null, 2));
    if (isStream(operation)) for await (const item of connection.stream(operation, input)) output.record(item, print);
    else output.answer(await connection.call(operation as Operation, input), print);
  },
});

function unknown(name: string): LogError {
  const near = nearest(name, operations.map((operation) => operation.name), 2);
  return new LogError('NOT_FOUND', `There is no operation ${name}.`, { details: { reason: 'operation', nearest: near }, hint: near.length === 0 ? 'refold call --list' : `did you mean ${near.join(' or ')}?` });
}
