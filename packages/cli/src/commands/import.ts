/** Reads what agents and tools have written: importFiles on an opened log, importRecords over HTTP. Again adds nothing. */
import { LogError } from '@refold/core';
import { importFiles, importRecords, outcomeJson } from '@refold/operations';
import { defineCommand } from '../command.ts';
import type { Connection } from '../connection.ts';
import { given, isSet, textOf, usage } from '../options.ts';
import type { Options } from '../options.ts';
import { printImport, summedImports } from '../render/import-summary.ts';
import type { ImportAnswer } from '../render/import-summary.ts';
import type { Session } from '../session.ts';
import { sourceFiles } from '../source-files.ts';
import type { PathFile } from '../source-files.ts';
import { refuseExisting, writeWhole } from '../write-file.ts';

export const importCommand = defineCommand({
  arguments: [
    { name: '<producer>', doc: 'claude-code, jira, ..., or auto: recognised by content' },
    { name: '<paths...>', doc: 'files, folders, or - for stdin' },
  ],
  options: [
    { flags: '--assume-tz <offset>', doc: 'for times that name no zone, for example +02:00' },
    { flags: '--rejects <file>', doc: 'what was refused, as JSON lines' },
    { flags: '--force', doc: 'overwrite the file of --rejects' },
    { flags: '-n, --dry-run', doc: 'count, map, report; write nothing' },
  ],
  examples: [
    ['refold import claude-code session.jsonl', 'a transcript, with the sub-agents in the folder beside it'],
    ['refold import auto events.jsonl --dry-run', 'what would come of it'],
  ],
  resumes: true,
  async run(session, { arguments: [producer = '', ...paths], options }) {
    const { output, world, globals } = session;
    const rejects = textOf(options, 'rejects');
    if (rejects !== undefined) refuseExisting(world.cwd, rejects, isSet(options, 'force'));
    const files = await sourceFiles(world, paths);
    if (files.length === 0) throw new LogError('NOT_FOUND', `There are no records below ${paths.join(', ')}.`, { details: { reason: 'file' }, hint: 'Name the files themselves.' });

    const answer = await importAll(session, await session.connect(), producer, files, options);
    if (rejects !== undefined) writeWhole(world.cwd, rejects, [...answer.report.rejects, ...answer.refused].map((reject) => `${JSON.stringify(reject)}\n`).join(''));
    output.answer(answer, () => printImport(output, answer));
    if (isSet(options, 'dryRun')) output.note('nothing written.');
    const rejected = answer.report.rejectCount + answer.refused.length;
    if (rejected === 0) {
      const [stream] = answer.report.streams;
      if (stream !== undefined && !isSet(options, 'dryRun') && globals.mode === 'text') output.hint(`refold runs     refold travel ${stream}@~10     refold timeline ${stream}`);
      return 0;
    }
    output.note(`${rejected} rejected${rejects === undefined ? '; --rejects FILE keeps them' : `, see ${rejects}`}`);
    return 5;
  },
});

async function importAll(session: Session, connection: Connection, producer: string, files: readonly PathFile[], options: Options): Promise<ImportAnswer> {
  const isDryRun = isSet(options, 'dryRun');
  if (connection.local === null) return await importRemotely(connection, producer, files, isDryRun);
  const progress = session.progress('import');
  try {
    const outcome = await importFiles(connection.local, {
      producer,
      files,
      dryRun: isDryRun,
      ...given({ assumedOffsetMinutes: offsetMinutes(textOf(options, 'assumeTz')) }),
      onProgress: ({ report, result }) => progress.update({ done: report.recordsRead, unit: 'records', note: `new ${result.new}   rejected ${report.rejectCount}` }),
    });
    // What goes over a wire is what is printed here.
    return (await outcomeJson(outcome)) as unknown as ImportAnswer;
  } finally {
    progress.end();
  }
}

/** One request per file; files that belong together are joined only where the log is opened. */
async function importRemotely(connection: Connection, producer: string, files: readonly PathFile[], dryRun: boolean): Promise<ImportAnswer> {
  const answers: ImportAnswer[] = [];
  for (const { name, open } of files) {
    const parts: Uint8Array[] = [];
    for await (const part of open()) parts.push(part);
    answers.push((await connection.call(importRecords, { producer, name, text: Buffer.concat(parts).toString('utf8'), dryRun })) as unknown as ImportAnswer);
  }
  return summedImports(answers);
}

/** @throws LogError BAD_REQUEST `zone`. */
function offsetMinutes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'UTC' || text === 'Z') return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
  if (match === null || Number(match[2]) > 14 || Number(match[3]) > 59) throw usage(`--assume-tz takes an offset, not "${text}".`, 'zone', '--assume-tz +02:00 or UTC');
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}
