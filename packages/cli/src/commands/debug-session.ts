/**
 * Debug sessions of a server, one verb per call, for scripts: `refold debug start STREAM`, then `refold debug step --session ID`.
 * The same words as at the prompt; the cursor lives in the server.
 */
import { LogError, parseCommand } from '@refold/core';
import type { CommandResult, DebugCommand } from '@refold/core';
import { addBreakpoint, addWatch, debugTimeline, exportDebugSession, getDebugSession, pauseDebugSession, resumeDebugSession, startDebugSession, stepDebugSession, stopDebugSession } from '@refold/operations';
import type { Connection } from '../connection.ts';
import { given, usage } from '../options.ts';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { addressOf, placeArgument } from '../place-argument.ts';
import { printResult } from '../render/debug-result.ts';
import { numberText } from '../render/event-rows.ts';
import { inlineText } from '../render/state-tree.ts';
import type { Session } from '../session.ts';

export const sessionVerbs = ['start', 'break', 'watch', 'step', 'resume', 'pause', 'stop', 'info', 'timeline', 'export'] as const;
export type SessionVerb = (typeof sessionVerbs)[number];

/** @throws LogError BAD_REQUEST `local` for a log that this process opened: its sessions would end with it. */
export async function runSessionVerb(session: Session, verb: SessionVerb, words: readonly string[]): Promise<void> {
  const { output, globals } = session;
  const connection = await session.connect();
  if (connection.local !== null) throw new LogError('BAD_REQUEST', 'A debug session that goes on from call to call lives in a server.', { details: { reason: 'local' }, hint: 'Give --server URL, or use the prompt: refold debug STREAM' });
  if (verb === 'start') return await start(connection, output, words);
  const id = globals.session;
  if (id === undefined) throw usage(`Which session ${verb} is about is missing.`, 'session', 'Give --session ID as refold debug start printed it.');
  await control({ connection, output, id }, verb, words.join(' '));
}

async function start(connection: Connection, output: Output, [text]: readonly string[]): Promise<void> {
  if (text === undefined) throw usage('A stream is missing.', 'usage', 'refold debug start STREAM');
  const { place, ...stream } = await placeArgument(connection, text);
  const started = await connection.call(startDebugSession, { aggregateId: addressOf(stream), ...given({ place }) });
  output.answer(started, ({ sessionId }) => output.line(sessionId));
  output.hint(`refold debug break TYPE --session ${started.sessionId}     refold debug resume --session ${started.sessionId}`);
}

interface Called {
  readonly connection: Connection;
  readonly output: Output;
  readonly id: string;
}

async function control({ connection, output, id }: Called, verb: Exclude<SessionVerb, 'start'>, rest: string): Promise<void> {
  const show = (answer: object, result: CommandResult): void => output.answer(answer, () => printResult(output, result, connection.registry));
  switch (verb) {
    case 'break': {
      const { input } = read(`break ${rest}`, 'break');
      const breakpoint = await connection.call(addBreakpoint, { id, ...given(input) });
      return show(breakpoint, { kind: 'breakpoint', breakpoint });
    }
    case 'watch': {
      const { expression } = read(`watch ${rest}`, 'watch');
      const watch = await connection.call(addWatch, { id, expression });
      return show(watch, { kind: 'watch', watch });
    }
    case 'step': {
      const { grain, count } = read(`s ${rest}`, 'step');
      const stop = await connection.call(stepDebugSession, { id, grain, count });
      return show(stop, { kind: 'stop', stop, watches: [] });
    }
    case 'resume':
    case 'pause': {
      const stop = await connection.call(verb === 'resume' ? resumeDebugSession : pauseDebugSession, { id });
      return show(stop, { kind: 'stop', stop, watches: [] });
    }
    case 'stop':
    case 'info':
      return printInfo(output, await connection.call(verb === 'stop' ? stopDebugSession : getDebugSession, { id }));
    case 'timeline':
      return printTimeline(output, await connection.call(debugTimeline, { id }));
    case 'export':
      // A document of its own, whatever the mode: it is meant to be kept.
      return output.line(JSON.stringify(await connection.call(exportDebugSession, { id }), null, 2));
  }
}

/** The one kind of command that carries a word among its own. */
type CommandOf<D, C extends DebugCommand = DebugCommand> = C extends DebugCommand ? (D extends C['do'] ? C : never) : never;

/** Reads the words as the prompt does. */
function read<D extends DebugCommand['do']>(text: string, expected: D): CommandOf<D> {
  const command = parseCommand(text);
  if (command?.do !== expected) throw usage(`"${text}" cannot be read.`, 'debug_command');
  // Safe: the tag was compared.
  return command as never;
}

function printInfo(output: Output, info: Awaited<ReturnType<typeof getDebugSession.run>>): void {
  output.answer(info, ({ state, streamType, aggregateId, revision, total, currentEvent, breakpoints, watches, error }) => {
    output.line(`${output.style('bold', state)}  ${output.safe(`${streamType}/${aggregateId}`)}@${numberText(output, revision)} of ${numberText(output, total)}${currentEvent === null ? '' : `  ${output.style('cyan', currentEvent.type)}`}${error === null ? '' : `  ${output.safe(error)}`}`);
    for (const { expression, value } of watches) output.line(`  ${output.safe(expression)} = ${inlineText(output, value)}`);
    output.line(`  ${counted(breakpoints.length, 'breakpoint')}, ${watches.length === 1 ? '1 watch' : `${watches.length} watches`}`);
  });
}

function printTimeline(output: Output, page: Awaited<ReturnType<typeof debugTimeline.run>>): void {
  output.answer(page, ({ entries }) =>
    output.table(entries, [
      { title: 'index', text: ({ index }) => numberText(output, index), align: 'right', style: () => 'dim' },
      { title: 'place', text: ({ revision }) => `@${numberText(output, revision)}` },
      { title: 'type', text: ({ eventType }) => eventType, style: () => 'cyan' },
      { title: 'breakpoints', text: ({ breakpointIds }) => breakpointIds.join(', ') },
      { title: 'watches', text: ({ watches }) => Object.entries(watches).map(([expression, value]) => `${expression} = ${JSON.stringify(value)}`).join('   '), fills: true },
    ]),
  );
  output.note(counted(page.total, 'visit'));
}
