/** A job again, as a new one with other parameters: rerunJob. */
import { LogError, parseStrictJson, pointerOf } from '@refold/core';
import type { Json } from '@refold/core';
import { rerunJob } from '@refold/operations';
import { actorGiven, actorOption } from '../actor-argument.ts';
import { defineCommand } from '../command.ts';
import { given, isSet, listOf, textOf, usage, wholeNumberOf } from '../options.ts';
import { counted } from '../output.ts';
import { addressOf, streamArgument } from '../place-argument.ts';
import { printPatches } from '../render/patch-rows.ts';

export const rerun = defineCommand({
  arguments: [{ name: '<job>', doc: 'job/42, 42, or latest:job' }],
  options: [
    { flags: '--set <path=json...>', doc: "another parameter: params.model='\"claude-x\"', or by pointer: /model='\"claude-x\"'", isVerbatim: true },
    { flags: '--input <json>', doc: 'another input, as JSON' },
    { flags: '--from-step <name>', doc: 'the first step that runs again; those before it are kept' },
    { flags: '--from-revision <n>', doc: 'the job as it stood then' },
    { flags: '--id <id>', doc: 'id of the new job; default: the next free one' },
    { flags: '--name <text>', doc: 'name of the new job' },
    { flags: '--reason <text>', doc: 'why it is run again' },
    { flags: '-n, --dry-run', doc: 'show what it would be, write nothing' },
    actorOption,
  ],
  examples: [
    ["refold rerun job/7 --set params.model='\"claude-x\"' -n", 'what it would be'],
    ['refold rerun 7 --reason flaky', 'as it was, from the beginning'],
  ],
  async run(session, { arguments: [text = ''], options }) {
    const { output, world } = session;
    const connection = await session.connect();
    const stream = await streamArgument(connection, text);
    if (stream.streamType !== 'job') throw usage(`${addressOf(stream)} is no job.`, 'no_job', 'Other runs are replayed: refold replay STREAM');
    const input = textOf(options, 'input');
    const made = await connection.call(rerunJob, {
      id: stream.streamId,
      actor: actorGiven(world, options),
      dryRun: isSet(options, 'dryRun'),
      ...given({
        set: setOf(listOf(options, 'set')),
        input: input === undefined ? undefined : jsonValue(input, '--input'),
        fromStep: textOf(options, 'fromStep'),
        fromRevision: wholeNumberOf(options, 'fromRevision', 1),
        newId: textOf(options, 'id'),
        name: textOf(options, 'name'),
        reason: textOf(options, 'reason'),
      }),
    });
    const [old, again] = [`job/${made.rerunOf}`, `job/${made.jobId}`];
    output.answer(made, ({ dryRun, changes, stepsKept, stepsToRun }) => {
      if (output.options.mode !== 'plain') output.line(`${dryRun ? 'would create' : 'created'} ${output.safe(again)} from ${output.safe(old)}: ${counted(changes.length, 'parameter')} changed, ${counted(stepsKept.length, 'step')} kept, ${stepsToRun.length} to run`);
      printPatches(output, changes);
    });
    if (made.dryRun) output.note('nothing written.');
    else output.hint(`refold append job.started --stream ${again}     refold compare ${old} ${again}`);
  },
});

/** `params.limits.tokens=9` and `/limits/tokens=9` are the same. */
function setOf(given: readonly string[] | undefined): { readonly [pointer: string]: Json } | undefined {
  if (given === undefined) return undefined;
  return Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=');
      const path = text.slice(0, Math.max(equals, 0));
      if (path === '' || path === 'params' || path === 'params.') throw usage(`"${text}" does not say what to set.`, 'set', `--set params.model='"claude-x"'`);
      return [path.startsWith('/') ? path : pointerOf(path.replace(/^params\./, '').split('.')), jsonValue(text.slice(equals + 1), '--set')];
    }),
  );
}

function jsonValue(text: string, flag: string): Json {
  try {
    return parseStrictJson(new TextEncoder().encode(text));
  } catch (cause) {
    throw new LogError('BAD_JSON', `${text} is no JSON.`, { details: { reason: flag.slice(2) }, hint: `Text stands in quotes: ${flag} ${flag === '--set' ? 'params.key=' : ''}'"text"'`, cause });
  }
}
