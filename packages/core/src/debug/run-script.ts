/**
 * Runs commands of the debug prompt against a session. What comes of a command is data; the terminal shows it, a script in CI
 * asks whether its assertions held.
 */
import { LogError } from '../errors.ts';
import type { Patch } from '../fold/diff.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope, Json } from '../log/event.ts';
import type { Place } from '../log/place.ts';
import { flips } from '../travel/flips.ts';
import type { Flip } from '../travel/flip.ts';
import type { FlipsSummary } from '../travel/truth-tally.ts';
import { provenance } from '../travel/provenance.ts';
import type { Provenance } from '../travel/provenance.ts';
import type { BreakpointView } from './breakpoint.ts';
import type { Debugger, DebuggerParts, DebugStop } from './debugger.ts';
import { exportSession } from './export.ts';
import type { DebugExport } from './export.ts';
import type { DebugCommand, ScriptLine } from './script.ts';
import type { WatchValue } from './watch.ts';

export type CommandResult =
  | { readonly kind: 'stop'; readonly stop: DebugStop; readonly watches: readonly WatchValue[] }
  | { readonly kind: 'breakpoint'; readonly breakpoint: BreakpointView }
  | { readonly kind: 'breakpoints'; readonly breakpoints: readonly BreakpointView[] }
  | { readonly kind: 'watch'; readonly watch: WatchValue }
  | { readonly kind: 'watches'; readonly watches: readonly WatchValue[] }
  | { readonly kind: 'removed'; readonly id: string }
  | { readonly kind: 'switched'; readonly id: string; readonly enabled: boolean }
  | { readonly kind: 'value'; readonly expression: string; readonly value: Json | null; readonly error: string | null }
  | { readonly kind: 'state'; readonly pointer: string; readonly value: Json }
  | { readonly kind: 'provenance'; readonly pointer: string; readonly entries: readonly Provenance[] }
  | { readonly kind: 'diff'; readonly from: Revision; readonly to: Revision; readonly patches: readonly Patch[] }
  /** Events around the cursor; `revision` is where it stands. */
  | { readonly kind: 'events'; readonly revision: Revision; readonly events: readonly EventEnvelope[] }
  | { readonly kind: 'flips'; readonly expression: string; readonly flips: readonly Flip[]; readonly summary: FlipsSummary }
  /** Where it became true first; null = never. */
  | { readonly kind: 'first'; readonly expression: string; readonly flip: Flip | null }
  | { readonly kind: 'assertion'; readonly expression: string; readonly holds: boolean; readonly error: string | null }
  /** Whoever runs the script writes the file. */
  | { readonly kind: 'export'; readonly file: string; readonly exported: DebugExport }
  | { readonly kind: 'quit' }
  | { readonly kind: 'refused'; readonly error: LogError };

/** Runs one command. What the session refuses is a result; only faults of the program are thrown. */
export async function runCommand(session: Debugger, command: DebugCommand, parts: DebuggerParts): Promise<CommandResult> {
  try {
    return await run(session, command, parts);
  } catch (error) {
    if (error instanceof LogError) return { kind: 'refused', error };
    throw error;
  }
}

export interface ScriptStep {
  readonly line: ScriptLine;
  readonly result: CommandResult;
}

export interface ScriptOutcome {
  /** Every assertion held, and nothing was refused. */
  readonly ok: boolean;
  readonly assertions: number;
  readonly failed: number;
  /** The refusal that ended the script. */
  readonly refused: LogError | null;
}

/** Runs a script to its end, to `q`, or to the first command that is refused; an assertion that fails does not end it. */
export async function* runScript(session: Debugger, script: readonly ScriptLine[], parts: DebuggerParts): AsyncGenerator<ScriptStep, ScriptOutcome> {
  let [assertions, failed] = [0, 0];
  for (const line of script) {
    const result = await runCommand(session, line.command, parts);
    yield { line, result };
    if (result.kind === 'assertion') {
      assertions++;
      if (!result.holds) failed++;
    }
    if (result.kind === 'refused') return { ok: false, assertions, failed, refused: result.error };
    if (result.kind === 'quit') break;
  }
  return { ok: failed === 0, assertions, failed, refused: null };
}

async function run(session: Debugger, command: DebugCommand, parts: DebuggerParts): Promise<CommandResult> {
  const stopped = (stop: DebugStop): CommandResult => ({ kind: 'stop', stop, watches: session.watches() });
  switch (command.do) {
    case 'step':
      return stopped(await session.step(command));
    case 'stepBack':
      return stopped(await session.stepBack(command));
    case 'cause':
      return stopped(await session.stepBack({ grain: 'cause' }));
    case 'effects':
      return stopped(await session.step({ grain: 'cause' }));
    case 'resume':
      return stopped(await session.resume());
    case 'reverse':
      return stopped(await session.reverse());
    case 'goTo':
      return stopped(await session.goTo(command.place));
    case 'runTo':
      return stopped(await session.runTo(command.place));
    case 'restart':
      return stopped(await session.restart());
    case 'break':
      return { kind: 'breakpoint', breakpoint: session.addBreakpoint(command.input) };
    case 'breaks':
      return { kind: 'breakpoints', breakpoints: session.breakpoints() };
    case 'watch':
      return { kind: 'watch', watch: session.addWatch(command.expression) };
    case 'watches':
      return { kind: 'watches', watches: session.watches() };
    case 'delete':
      return removed(session, command.id);
    case 'off':
    case 'on':
      session.enableBreakpoint(command.id, command.do === 'on');
      return { kind: 'switched', id: command.id, enabled: command.do === 'on' };
    case 'print':
      return printed(session, command.expression);
    case 'state':
      return { kind: 'state', pointer: command.pointer, value: session.stateHere(command.pointer) };
    case 'who':
      return { kind: 'provenance', pointer: command.pointer, entries: await provenance(parts, session.address, { kind: 'revision', revision: session.revision }, command.pointer) };
    case 'diff':
      return await difference(session, command.place);
    case 'list':
      return { kind: 'events', revision: session.revision, events: await session.events(session.revision - command.count, session.revision + command.count) };
    case 'flips':
      return await flipsOf(session, command.expression, parts);
    case 'first':
      return { kind: 'first', expression: command.expression, flip: (await firstTrue(session, command.expression, parts)) ?? null };
    case 'assert':
      return asserted(session, command.expression);
    case 'export':
      return { kind: 'export', file: command.file, exported: await exportSession(session, { now: parts.clock.now() }) };
    case 'quit':
      return { kind: 'quit' };
  }
}

/** Breakpoints and watches are numbered together. */
function removed(session: Debugger, id: string): CommandResult {
  if (session.watches().some((watch) => watch.id === id)) session.removeWatch(id);
  else session.removeBreakpoint(id);
  return { kind: 'removed', id };
}

function printed(session: Debugger, expression: string): CommandResult {
  const answer = session.evaluate(expression);
  return answer.ok ? { kind: 'value', expression, value: answer.value, error: null } : { kind: 'value', expression, value: null, error: answer.error.message };
}

async function difference(session: Debugger, base: Place | null): Promise<CommandResult> {
  const to = session.revision;
  if (base === null) return { kind: 'diff', from: Math.max(session.first, to - 1), to, patches: session.changes() };
  return { kind: 'diff', from: await session.resolve(base), to, patches: await session.diffFrom(base) };
}

async function flipsOf(session: Debugger, expression: string, parts: DebuggerParts): Promise<CommandResult> {
  const found: Flip[] = [];
  const search = flips(parts, session.address, expression);
  for (let next = await search.next(); ; next = await search.next()) {
    if (next.done === true) return { kind: 'flips', expression, flips: found, summary: next.value };
    found.push(next.value);
  }
}

async function firstTrue(session: Debugger, expression: string, parts: DebuggerParts): Promise<Flip | undefined> {
  for await (const flip of flips(parts, session.address, expression)) if (flip.to === true) return flip;
  return undefined;
}

/** True and nothing else holds: what cannot be evaluated is no proof. */
function asserted(session: Debugger, expression: string): CommandResult {
  const answer = session.evaluate(expression);
  return { kind: 'assertion', expression, holds: answer.ok && answer.value === true, error: answer.ok ? null : answer.error.message };
}
