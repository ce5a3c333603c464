/** What if: a history with edits, folded in memory and compared; nothing is written. */
import { LogError, parseStrictJson } from '@refold/core';
import type { Edit, EditPlace, Json, WhatIfEvent } from '@refold/core';
import { forkStream } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { isSet, listOf, usage } from '../options.ts';
import type { Options } from '../options.ts';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { addressOf, placeArgument } from '../place-argument.ts';
import { placeInput } from '../place-input.ts';
import { jsonArgument } from '../read-input.ts';
import { numberText } from '../render/event-rows.ts';
import { printPatches } from '../render/patch-rows.ts';
import { cut } from '../terminal-text.ts';
import type { World } from '../world.ts';

/** Some of the edits were refused: their own exit code, so that a script does not take half an answer for a whole one. */
const rejectedExit = 5;

export const forkCommand = defineCommand({
  arguments: [{ name: '<place>', doc: 'how far to fold: STREAM is the whole run, STREAM@12 up to its 12th event' }],
  options: [
    { flags: '--omit <event...>', doc: 'as if this event (revision or id) had not happened' },
    { flags: '--replace <event=json...>', doc: "another event in its place: 12=@FILE or 12={\"type\":...,\"data\":...}", isVerbatim: true },
    { flags: '--insert <event=json...>', doc: 'one more event after it; 0 is before the first', isVerbatim: true },
    { flags: '--set <event:/pointer=json...>', doc: "another value in the event's data: 12:/contract=\"UserV2\"", isVerbatim: true },
    { flags: '--lenient', doc: 'take what the rules forbid' },
    { flags: '--clock <which>', doc: 'what an instant cuts on', choices: ['happened', 'known'] },
  ],
  examples: [
    ['refold fork PROJ-123 --omit 4', 'what if the gap had not been found'],
    ["refold whatif PROJ-123 --set '3:/agent_model=\"haiku\"'", 'what if another model had run'],
  ],
  async run(session, { arguments: [text = ''], options }) {
    const { output } = session;
    const edits = await editsOf(session.world, options);
    const connection = await session.connect();
    const { place, ...stream } = await placeArgument(connection, text);
    const answer = await connection.call(forkStream, { ...stream, ...placeInput({ place, options }), edits, ...(isSet(options, 'lenient') ? { lenient: true } : {}) });
    const { base, variant, diff, rejected, consequences } = answer;
    output.answer(answer, () => {
      if (output.options.mode === 'text') output.line(`${output.style('bold', 'what-if')} (nothing written)   base ${output.safe(addressOf(stream))}@${numberText(output, base.revision)}   ${counted(edits.length, 'edit')}, ${rejected.length} rejected`);
      printPatches(output, diff);
      if (output.options.mode !== 'text') return;
      if (diff.length === 0) output.line('the same state');
      for (const { index, code, detail } of rejected) printMark(output, 'red', 'rejected', `${editText(edits[index]!)}  ${code}: ${detail}`);
      for (const { baseRevision, code, detail } of consequences) printMark(output, 'yellow', 'then', `@${numberText(output, baseRevision)} ${code}: ${detail}`);
    });
    output.note(`${counted(diff.length, 'difference')}   state hash ${base.stateHash.slice(0, 12)} -> ${variant.stateHash.slice(0, 12)}`);
    if (rejected.some(({ code }) => code !== 'NOT_FOUND') && !isSet(options, 'lenient')) output.hint('--lenient takes what the rules forbid and marks it');
    return rejected.length > 0 ? rejectedExit : 0;
  },
});

/** In this order: left out, replaced, put in, changed. @throws LogError BAD_REQUEST `edit`; BAD_JSON; NOT_FOUND `file`. */
async function editsOf(world: World, options: Options): Promise<readonly Edit[]> {
  const edits: Edit[] = (listOf(options, 'omit') ?? []).map((text): Edit => ({ op: 'omit', at: editPlace(text) }));
  for (const text of listOf(options, 'replace') ?? []) edits.push({ op: 'replace', ...(await eventEdit(world, text, '--replace')) });
  for (const text of listOf(options, 'insert') ?? []) {
    const { at, event } = await eventEdit(world, text, '--insert');
    edits.push({ op: 'insert', after: at, event });
  }
  for (const text of listOf(options, 'set') ?? []) edits.push(setEdit(text));
  if (edits.length === 0) throw usage('A what-if needs an edit.', 'edit', 'Give --omit, --replace, --insert or --set.');
  return edits;
}

async function eventEdit(world: World, text: string, flag: string): Promise<{ readonly at: EditPlace; readonly event: WhatIfEvent }> {
  const equals = text.indexOf('=');
  if (equals < 0) throw usage(`${flag} takes an event and what stands for it.`, 'edit', `${flag} 12=@event.json`);
  const event = await jsonArgument(world, text.slice(equals + 1), flag);
  if (typeof event['type'] !== 'string') throw usage(`The event of ${flag} has no type.`, 'edit', `${flag} '12={"type":"custom.note","data":{}}'`);
  // The operation checks the rest of it.
  return { at: editPlace(text.slice(0, equals)), event: { data: {}, ...event } as unknown as WhatIfEvent };
}

function setEdit(text: string): Edit {
  const parts = /^([^:]+):(\/[^=]*)=(.*)$/s.exec(text);
  if (parts === null) throw usage(`"${text}" does not say what to set.`, 'edit', `--set '12:/key="text"'`);
  return { op: 'set', at: editPlace(parts[1]!), pointer: parts[2]!, value: jsonValue(parts[3]!) };
}

function jsonValue(text: string): Json {
  try {
    return parseStrictJson(new TextEncoder().encode(text));
  } catch (cause) {
    throw new LogError('BAD_JSON', `${text} is no JSON.`, { details: { reason: 'set' }, hint: `Text stands in quotes: --set '12:/key="text"'`, cause });
  }
}

/** Digits are a revision, with or without the `@`; anything else is an event's id. */
function editPlace(text: string): EditPlace {
  const bare = text.replace(/^@/, '');
  return /^\d{1,15}$/.test(bare) ? Number(bare) : bare;
}

const editText = (edit: Edit): string => (edit.op === 'insert' ? `insert after ${edit.after}` : `${edit.op} ${edit.at}`);

function printMark(output: Output, style: 'red' | 'yellow', word: string, text: string): void {
  output.line(`${output.style(style, word)}  ${cut(output.safe(text), Math.max(output.options.columns - word.length - 2, 20))}`);
}
