/**
 * The debugger of recorded history at a prompt, or from a script. A line typed and a line of a script are the same thing, and
 * a transcript shows both the same way, so that what was found by hand can be kept as a check.
 */
import { createDebugger, isLogError, parseCommand, parsePlaceSuffix, parseScript, regressionScript, runCommand, runScript } from '@refold/core';
import type { CommandResult, DebugCommand, Debugger, DebuggerParts, ScriptOutcome } from '@refold/core';
import { defineCommand } from '../command.ts';
import { debugParts } from '../debug-parts.ts';
import { exitCodes } from '../exit-codes.ts';
import { listOf, textOf, usage } from '../options.ts';
import { createOutput } from '../output.ts';
import type { Output } from '../output.ts';
import { placeArgument, suffixIn } from '../place-argument.ts';
import { prompt, promptLines } from '../prompt-lines.ts';
import { readBytesOrStdin } from '../read-input.ts';
import { printResult, resultJson } from '../render/debug-result.ts';
import type { Session } from '../session.ts';
import type { World } from '../world.ts';
import { hintUnknownType } from '../unknown-type.ts';
import { refuseExisting, writeWhole } from '../write-file.ts';
import { runSessionVerb, sessionVerbs } from './debug-session.ts';

export const debugCommand = defineCommand({
  arguments: [
    { name: '<place>', doc: 'where to begin: STREAM is before its first event, STREAM@12, STREAM@first-bad' },
    { name: '[words...]', doc: `for a session of a server, in place of PLACE: start STREAM, then with --session ID one of ${sessionVerbs.slice(1).join(', ')}` },
  ],
  options: [
    { flags: '--break <where...>', doc: 'as after break: a type glob, "TYPE if EXPR", "if EXPR", "path /pointer", "flip EXPR", "nth N TYPE"', isVerbatim: true },
    { flags: '--watch <expression...>', doc: 'CEL, shown at every stop', isVerbatim: true },
    { flags: '--script <file>', doc: 'commands from a file (- is stdin): exit 1 when an assert fails' },
    { flags: '--force', doc: 'export may overwrite a file' },
  ],
  examples: [
    ["refold debug PROJ-123 --break 'agent_run.f*' --watch state.currentPhase", 'c runs to the failure, rc back, help says the rest'],
    ['refold debug PROJ-123 --script check.debug', 'the same in CI: one command per line'],
  ],
  async run(session, { arguments: [text = '', ...words], options }) {
    const { world } = session;
    const verb = sessionVerbs.find((known) => known === text);
    if (verb !== undefined && (words.length > 0 || session.globals.session !== undefined)) return await runSessionVerb(session, verb, words);
    if (words.length > 0) throw usage(`"${words.join(' ')}" is too much.`, 'usage', 'refold debug --help');
    const file = textOf(options, 'script');
    // Read whole before anything runs: a fault in its last line is found at once.
    const script = file === undefined ? null : parseScript(new TextDecoder().decode(await readBytesOrStdin(world, file)));
    const breaks = (listOf(options, 'break') ?? []).map((where) => parseCommand(`break ${where}`)!);
    const connection = await session.connect();
    const { place, ...stream } = await placeArgument(connection, text);
    const parts = debugParts(connection, world);
    const debuggerOf = await createDebugger(parts, stream);
    await debuggerOf.start(place === undefined ? undefined : parsePlaceSuffix(await suffixIn(connection, stream, place)));

    // A pager holds text back; a prompt is a conversation.
    const seat: Seat = { debugger: debuggerOf, parts, world, registry: connection.registry, mayOverwrite: options['force'] === true, output: script === null ? createOutput({ ...session.output.options, stdout: world.stdout }) : session.output };
    for (const command of breaks) {
      const result = await runCommand(debuggerOf, command, parts);
      throwRefused(result);
      doubtType(seat, result);
    }
    for (const expression of listOf(options, 'watch') ?? []) debuggerOf.addWatch(expression);
    return script === null ? await converse(seat, session) : await playScript(seat, script);
  },
});

interface Seat {
  readonly debugger: Debugger;
  readonly parts: DebuggerParts;
  readonly world: World;
  readonly registry: Parameters<typeof printResult>[2];
  readonly mayOverwrite: boolean;
  readonly output: Output;
}

/* ---- A script ---- */

async function playScript(seat: Seat, script: ReturnType<typeof parseScript>): Promise<number> {
  const { output } = seat;
  const isDocument = output.options.mode === 'json';
  const steps: object[] = [];
  const run = runScript(seat.debugger, script, seat.parts);
  let next = await run.next();
  for (; next.done !== true; next = await run.next()) {
    const { line, result } = next.value;
    keepExport(seat, result);
    doubtType(seat, result);
    const step = { line: line.line, command: line.text, ...resultJson(result) };
    if (isDocument) steps.push(step);
    else
      output.record(step, () => {
        if (output.options.mode === 'text') output.line(`${output.style('dim', prompt)}${output.safe(line.text)}`);
        // The refusal that ends a script is this command's own error, told below.
        if (result.kind !== 'refused') printResult(output, result, seat.registry);
      });
  }
  const outcome: ScriptOutcome = next.value;
  const { ok, assertions, failed, refused } = outcome;
  if (isDocument) output.answer({ ...seat.debugger.address, ok, assertions, failed, steps }, () => {});
  output.note(`${assertions - failed} of ${assertions} assertions hold`);
  if (refused !== null) return output.error(refused);
  return ok ? 0 : 1;
}

/* ---- A prompt ---- */

async function converse(seat: Seat, { output: { options } }: Session): Promise<number> {
  const { output, world } = seat;
  const lines = promptLines(world, { onInterrupt: () => void pauseRun(seat.debugger) });
  let exitCode = 0;
  try {
    for await (const line of lines) {
      // What a person typed stands on the terminal already; a pipe's lines do not.
      if (!world.stdinIsTerminal && options.mode === 'text') output.line(`${prompt}${output.safe(line)}`);
      const result = await answerTo(seat, line);
      if (result === null) continue;
      if (result.kind === 'quit') break;
      output.record(resultJson(result), () => printResult(output, result, seat.registry));
      if (result.kind === 'refused') exitCode = world.stdinIsTerminal ? 0 : exitCodes[result.error.code];
      if (result.kind === 'assertion' && !result.holds && !world.stdinIsTerminal) exitCode = 1;
    }
  } finally {
    lines.close();
  }
  return exitCode;
}

/** A line that says nothing is no question; one that cannot be read is refused like any other. */
async function answerTo(seat: Seat, line: string): Promise<CommandResult | null> {
  if (/^(?:h|help|\?)\s*$/.test(line.trim())) {
    seat.output.line(promptHelp);
    return null;
  }
  const command = readLine(line);
  if (command === null || 'kind' in command) return command;
  const result = await runCommand(seat.debugger, command, seat.parts);
  try {
    keepExport(seat, result);
    doubtType(seat, result);
    return result;
  } catch (error) {
    return refusal(error);
  }
}

function readLine(line: string): DebugCommand | CommandResult | null {
  try {
    return parseCommand(line);
  } catch (error) {
    return refusal(error);
  }
}

async function pauseRun(session: Debugger): Promise<void> {
  if (session.state === 'running' || session.state === 'stepping') await session.pause();
}

const promptHelp = `s [n] b [n]        step forward, back; s agent, s phase, s call, s cause change the size
c  rc              run forward, backward, to a breakpoint
g PLACE            go; until PLACE runs there, restart goes back to the beginning
break WHERE        TYPE-GLOB [if EXPR], if EXPR, path /pointer, flip EXPR, nth N TYPE
log "text" on WHERE   write \${expressions} instead of stopping
watch EXPR         watches, breaks list; del N, off N, on N
p EXPR             print; state [/pointer], who /pointer, diff [PLACE]
l [n]              events around here; cause, effects move along the chain
flips EXPR  first EXPR  assert EXPR
export FILE        the session as JSON; FILE.debug: what the watches showed, as a script of asserts; q`;

/* ---- Both ---- */

/** Whoever asked for the export gets it as a file; by its name as a script for CI. @throws LogError BAD_REQUEST `exists`. */
function keepExport({ world, mayOverwrite }: Seat, result: CommandResult): void {
  if (result.kind !== 'export') return;
  refuseExisting(world.cwd, result.file, mayOverwrite);
  writeWhole(world.cwd, result.file, result.file.endsWith('.debug') ? regressionScript(result.exported) : `${JSON.stringify(result.exported, null, 2)}\n`);
}

/** A breakpoint on a type that nobody declared may be meant so; it may as well never be met. */
function doubtType({ output, registry, debugger: { address } }: Seat, result: CommandResult): void {
  if (result.kind === 'breakpoint' && result.breakpoint.eventType !== null) hintUnknownType(output, registry, result.breakpoint.eventType, address.streamType);
}

function refusal(error: unknown): CommandResult {
  if (isLogError(error)) return { kind: 'refused', error };
  throw error;
}

function throwRefused(result: CommandResult): void {
  if (result.kind === 'refused') throw result.error;
}
