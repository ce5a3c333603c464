/**
 * Are events as they should be? A file, line by line (validateEvents); a stream, event by event, with what its fold found
 * odd; a conversation, cause by cause (validateCorrelation).
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LogError } from '@refold/core';
import { validateCorrelation } from '@refold/operations';
import { checkLines, checkStream } from '../check-events.ts';
import type { Findings, Violation } from '../check-events.ts';
import { defineCommand } from '../command.ts';
import { openLocal } from '../connect.ts';
import type { Connection } from '../connection.ts';
import { textOf, usage } from '../options.ts';
import { counted } from '../output.ts';
import { streamArgument } from '../place-argument.ts';
import { readBytesOrStdin } from '../read-input.ts';
import type { Session } from '../session.ts';

export const validate = defineCommand({
  arguments: [{ name: '[subject]', doc: 'a file of events (JSON lines, - for stdin), or a stream' }],
  options: [{ flags: '--correlation <id>', doc: 'one conversation' }],
  examples: [
    ['refold validate PROJ-123', 'one stream'],
    ['refold validate events.jsonl', 'a file, with line numbers'],
  ],
  async run(session, { arguments: [subject], options }) {
    const correlation = textOf(options, 'correlation');
    const asked = subject ?? (correlation === undefined ? session.globals.issue : undefined);
    if (asked !== undefined && correlation !== undefined) throw usage('validate takes one of a file, a stream, --correlation ID.', 'usage', 'refold validate --help');
    if (correlation !== undefined) return report(session, await (await session.connect()).call(validateCorrelation, { id: correlation }));
    if (asked === undefined) throw usage('validate takes a file, a stream, or --correlation ID.', 'usage', 'refold validate --help');
    if (isFile(session, asked)) return report(session, await validateFile(session, asked));
    const connection = await session.connect();
    return report(session, await checkStream(connection, await streamArgument(connection, asked)));
  },
});

const isFile = ({ world }: Session, text: string): boolean => text === '-' || existsSync(resolve(world.cwd, text)) || /^\.{0,2}\/|\.(?:jsonl|ndjson|json)$/.test(text);

async function validateFile(session: Session, path: string): Promise<Findings> {
  const bytes = await readBytesOrStdin(session.world, path);
  const connection = await anyConnection(session);
  return await checkLines(connection, path, bytes);
}

/** A file needs no log: where there is none, one in memory lends its types. */
async function anyConnection(session: Session): Promise<Connection> {
  try {
    return await session.connect();
  } catch (error) {
    if (!(error instanceof LogError) || error.details.reason !== 'store') throw error;
    return await openLocal(session, 'memory:');
  }
}

function report({ output }: Session, findings: Findings): number {
  const { violations, checked, ok } = findings;
  output.answer(findings, () => {
    output.table(violations, [
      { title: 'where', text: whereText },
      { title: 'code', text: ({ code }) => code, style: ({ severity }) => (severity === 'error' ? 'red' : 'dim') },
      { title: 'detail', text: ({ detail }) => detail, fills: true },
    ]);
    if (output.options.mode !== 'plain') output.line(`${ok ? output.style('green', 'ok') : output.style('red', 'not ok')}  ${counted(checked, 'event')}, ${counted(violations.length, 'finding')}`);
  });
  return ok ? 0 : 5;
}

function whereText({ file, line, streamType, streamId, revision }: Violation): string {
  if (file !== null) return `${file}:${line ?? '-'}`;
  return streamType === null ? '-' : `${streamType}/${streamId ?? ''}${revision === null ? '' : `@${revision}`}`;
}
