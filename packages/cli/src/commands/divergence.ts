/** Where a run leaves another one, or a state that somebody keeps leaves the log: divergence. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { compareState, divergenceOf } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { given, isSet, listOf, textOf, usage, wholeNumberOf } from '../options.ts';
import type { Options } from '../options.ts';
import { counted } from '../output.ts';
import { addressOf, placeArgument, streamArgument } from '../place-argument.ts';
import { placeInput } from '../place-input.ts';
import { fileNotFound, jsonArgument, readBytesOrStdin } from '../read-input.ts';
import { printDivergence, printStateDivergence } from '../render/divergence-report.ts';
import type { Session } from '../session.ts';
import type { World } from '../world.ts';

export const divergenceCommand = defineCommand({
  arguments: [
    { name: '<run>', doc: 'the run in question (A); with --state, a place of it' },
    { name: '[reference]', doc: 'the run that worked (B)' },
  ],
  options: [
    { flags: '--state <file>', doc: 'instead of a second run: a state that you keep, as refold state --json prints it; - for stdin' },
    { flags: '--ignore <rule...>', doc: 'a JSON pointer into payloads, TYPE:/pointer, or a file with one per line (type globs too)' },
    { flags: '--align <how>', doc: 'by the tree of agents and calls (default), or by order alone', choices: ['causal', 'index'] },
    { flags: '--context <n>', doc: 'events shown around the difference; default 3' },
    { flags: '--exit-code', doc: 'exit 1 when they differ' },
  ],
  examples: [
    ['refold divergence latest PROJ-123', 'the newest run against one that worked'],
    ['refold divergence PROJ-123@4 --state kept.json', 'is what I keep what the log says?'],
    ['refold diverge PROJ-123 PROJ-123 --ignore /duration_seconds --exit-code', 'in a check: fails when they differ'],
  ],
  async run(session, { arguments: [first = '', second], options }) {
    const { output } = session;
    const file = textOf(options, 'state');
    if (file !== undefined && second === undefined) return await compareKept(session, first, file, options);
    if (file !== undefined || second === undefined) throw usage('A run is compared with one thing: another run, or a state that you keep.', 'reference', 'refold divergence RUN REFERENCE, or refold divergence RUN --state FILE');
    const connection = await session.connect();
    const run = await streamArgument(connection, first);
    const reference = await streamArgument(connection, second);
    const report = await connection.call(divergenceOf, {
      ...run,
      against: addressOf(reference),
      ...given({ align: textOf(options, 'align'), context: wholeNumberOf(options, 'context') }),
      ...(await ignored(session.world, listOf(options, 'ignore') ?? [])),
    });
    output.answer(report, () => printDivergence(output, report));
    const { compared } = report;
    output.note(`A ${output.safe(addressOf(run))} ${counted(compared.run, 'event')}   B ${output.safe(addressOf(reference))} ${counted(compared.reference, 'event')}   ${compared.equal} equal${report.truncated ? '; the rest was not compared' : ''}`);
    const at = report.first?.atRevision ?? null;
    if (at !== null) output.hint(`refold diff ${addressOf(run, Math.max(at - 1, 0))} @${at}     refold blame ${addressOf(run)} --against ${addressOf(reference)}`);
    return isSet(options, 'exitCode') && !report.equal ? 1 : 0;
  },
});

/** A whole answer of `refold state` says itself where it was taken. */
async function compareKept(session: Session, text: string, file: string, options: Options): Promise<number> {
  const { output, world } = session;
  const connection = await session.connect();
  const { place, ...stream } = await placeArgument(connection, text);
  const kept = await jsonArgument(world, file === '-' ? file : `@${file}`, '--state');
  const { state, stateHash, revision } = kept;
  const isAnswer = typeof stateHash === 'string' && typeof state === 'object' && state !== null && !Array.isArray(state);
  const { ignorePointers } = await ignored(world, listOf(options, 'ignore') ?? []);
  const report = await connection.call(compareState, {
    ...stream,
    ...(place === undefined && isAnswer && typeof revision === 'number' ? { revision } : placeInput({ place, options })),
    expected: isAnswer ? state : kept,
    ...given({ ignorePointers }),
  });
  output.answer(report, () => printStateDivergence(output, report));
  const at = report.first?.atRevision ?? null;
  if (at !== null) output.hint(`refold show ${addressOf(stream, at)}     refold state ${addressOf(stream, at)} --path ${report.first!.path} --provenance`);
  return isSet(options, 'exitCode') && !report.equal ? 1 : 0;
}

/** @throws LogError NOT_FOUND `file` for what is neither a pointer nor a file. */
async function ignored(world: World, rules: readonly string[]): Promise<{ readonly ignorePointers?: readonly string[]; readonly ignoreTypes?: readonly string[] }> {
  const [pointers, types]: [string[], string[]] = [[], []];
  for (const rule of rules) {
    if (existsSync(resolve(world.cwd, rule))) {
      const lines = new TextDecoder().decode(await readBytesOrStdin(world, rule)).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
      for (const line of lines) (isPointer(line) ? pointers : types).push(line);
    } else if (isPointer(rule)) pointers.push(rule);
    else throw fileNotFound(rule);
  }
  return { ...(pointers.length === 0 ? {} : { ignorePointers: pointers }), ...(types.length === 0 ? {} : { ignoreTypes: types }) };
}

const isPointer = (rule: string): boolean => rule.startsWith('/') || rule.includes(':/');
