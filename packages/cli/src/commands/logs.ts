/** The lines of a server's own log that belong to an event: those of the request that wrote it, and of its trace and conversation. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { EventEnvelope } from '@refold/core';
import { defineCommand } from '../command.ts';
import { textOf, usage } from '../options.ts';
import { counted } from '../output.ts';
import { eventArgument } from '../place-argument.ts';
import { fileNotFound } from '../read-input.ts';
import type { World } from '../world.ts';

export const logs = defineCommand({
  arguments: [{ name: '<file>', doc: 'what refold serve wrote to stderr, as JSON lines; - for stdin' }],
  options: [{ flags: '--event <id>', doc: 'id of an event, or a place' }],
  examples: [['refold logs - --event PROJ-123@3', 'of lines from a pipe: what the server said when this event was written, and around it']],
  async run(session, { arguments: [file = ''], options }) {
    const { output, world } = session;
    const asked = textOf(options, 'event');
    if (asked === undefined) throw usage('Say which event.', 'event', 'refold logs FILE --event ID');
    const connection = await session.connect();
    const event = await eventArgument(connection, asked);
    let [found, read] = [0, 0];
    for await (const line of linesOf(world, file)) {
      read++;
      const said = fieldsOf(line);
      if (said === null || !isAbout(said, event)) continue;
      found++;
      output.record(said, () => output.line(line));
    }
    output.note(`${counted(found, 'line')} of ${counted(read, 'line')} belong to ${event.id}`);
  },
});

type Fields = { readonly [field: string]: unknown };

const isAbout = ({ eventIds, traceId, correlationId }: Fields, { id, trace, correlationId: conversation }: EventEnvelope): boolean =>
  (Array.isArray(eventIds) && eventIds.includes(id)) || (trace !== undefined && traceId === trace.traceId) || correlationId === conversation;

/** null for what is no line of ours: a terminal's hint, a stack. */
function fieldsOf(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** Line by line, because such a file grows for as long as a server runs. @throws LogError NOT_FOUND `file`. */
async function* linesOf({ cwd, stdin }: World, path: string): AsyncGenerator<string> {
  const input = path === '-' ? Readable.from(stdin) : createReadStream(resolve(cwd, path));
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    throw fileNotFound(path, error);
  }
}
