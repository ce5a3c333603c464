/** What comes of a command of the debug prompt, as lines for people and as JSON. */
import type { BreakpointView, CommandResult, DebugStop, EventEnvelope, Json, Registry, StopReason, WatchValue } from '@refold/core';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { cut } from '../terminal-text.ts';
import { numberText, summaryOf } from './event-rows.ts';
import { printFlips } from './flip-rows.ts';
import { patchCounts, printPatches } from './patch-rows.ts';
import { inlineText, printTree } from './state-tree.ts';

export function printResult(output: Output, result: CommandResult, registry: Registry): void {
  switch (result.kind) {
    case 'stop':
      return printStop(output, result.stop, result.watches, registry);
    case 'breakpoint':
      return output.line(breakpointText(output, result.breakpoint));
    case 'breakpoints':
      return result.breakpoints.length === 0 ? output.line('no breakpoints') : result.breakpoints.forEach((breakpoint) => output.line(breakpointText(output, breakpoint)));
    case 'watch':
      return output.line(watchText(output, result.watch));
    case 'watches':
      return result.watches.length === 0 ? output.line('no watches') : result.watches.forEach((watch) => output.line(watchText(output, watch)));
    case 'removed':
      return output.line(`${result.id} removed`);
    case 'switched':
      return output.line(`${result.id} ${result.enabled ? 'on' : 'off'}`);
    case 'value':
      return output.line(result.error === null ? inlineText(output, result.value, Math.max(output.options.columns, 20)) : `not known here: ${output.safe(result.error)}`);
    case 'state':
      return printTree(output, result.value, { depth: 3 });
    case 'provenance':
      for (const { path, value, before, setBy } of result.entries) output.line(`${setBy === null ? '-' : `@${numberText(output, setBy.revision)} ${output.style('cyan', setBy.type)}`}  ${output.safe(path)}  ${inlineText(output, value, 24)}  was ${inlineText(output, before, 24)}`);
      return;
    case 'diff':
      printPatches(output, result.patches);
      return output.line(`${patchCounts(result.patches)}   @${numberText(output, result.from)} to @${numberText(output, result.to)}`);
    case 'events':
      for (const event of result.events) output.line(`${event.revision === result.revision ? '>' : ' '} ${eventText(output, event, registry, 2)}`);
      return;
    case 'flips':
      printFlips(output, result.flips);
      return output.line(`${counted(result.summary.flips, 'flip')}, ${counted(result.summary.events, 'event')}${result.summary.unknown > 0 ? `; not known at ${counted(result.summary.unknown, 'event')}` : ''}`);
    case 'first':
      return result.flip === null ? output.line('never') : printFlips(output, [result.flip]);
    case 'assertion':
      return output.line(`${result.holds ? output.style('green', 'holds') : output.style('red', 'FAILED')}  ${output.safe(result.expression)}${result.error === null ? '' : `   not known here: ${output.safe(result.error)}`}`);
    case 'export':
      return output.line(`${output.safe(result.file)}   ${counted(result.exported.timeline.length, 'visit')}, ${counted(result.exported.events.length, 'event')}`);
    case 'quit':
      return;
    case 'refused':
      output.line(`${output.style('red', result.error.code)}: ${output.safe(result.error.message)}`);
      if (result.error.hint !== undefined) output.line(`${output.style('dim', 'try:')} ${output.safe(result.error.hint)}`);
  }
}

/** The result without what no JSON can hold. */
export const resultJson = (result: CommandResult): object =>
  result.kind === 'refused' ? { kind: 'refused', error: { code: result.error.code, detail: result.error.message, details: result.error.details, hint: result.error.hint ?? null } } : result;

const reasonWords: { readonly [reason in StopReason]: string } = {
  step: '',
  breakpoint: 'breakpoint',
  place: '',
  paused: 'paused',
  stopped: 'stopped',
  start: 'the beginning',
  end: 'the end',
  no_cause: 'no recorded cause',
  no_effect: 'nothing came of it',
  no_answer: 'no answer to it here',
  other_stream: 'the cause is in another stream',
};

function printStop(output: Output, stop: DebugStop, watches: readonly WatchValue[], registry: Registry): void {
  for (const { revision, text } of stop.logs) output.line(`${output.style('dim', 'log')} @${numberText(output, revision)}  ${output.safe(text)}`);
  const words = [stop.reason === 'breakpoint' ? `breakpoint ${stop.breakpointIds.join(', ')}` : reasonWords[stop.reason], ...(stop.outsideEventId === undefined ? [] : [stop.outsideEventId])].filter((word) => word !== '');
  if (words.length > 0) output.line(output.style(stop.reason === 'breakpoint' ? 'yellow' : 'dim', words.join(' ')));
  const { event } = stop;
  output.line(event === null ? `@${numberText(output, stop.revision)} before the first event` : eventText(output, event, registry, 0));
  for (const watch of watches) output.line(`  ${watchText(output, watch)}`);
}

/** An event in one line. @param besides  Columns of the line that are taken. */
export function eventText(output: Output, event: EventEnvelope, registry: Registry, besides: number): string {
  const place = `@${numberText(output, event.revision)}`;
  return `${place} ${output.style('cyan', event.type)}  ${cut(output.safe(summaryOf(event, registry)), Math.max(output.options.columns - besides - place.length - event.type.length - 3, 12))}`;
}

const watchText = (output: Output, { id, expression, value, error }: WatchValue): string => `${id}  ${output.safe(expression)} = ${error === null ? inlineText(output, value satisfies Json | null) : `not known here: ${output.safe(error)}`}`;

function breakpointText(output: Output, { id, eventType, condition, path, flip, nth, log, enabled, hits, notEvaluated, lastError }: BreakpointView): string {
  const where = [...(nth === null ? [] : [`nth ${nth}`]), ...(path === null ? [] : [`path ${path}`]), ...(flip === null ? [] : [`flip ${flip}`]), ...(eventType === null ? [] : [eventType]), ...(condition === null ? [] : [`if ${condition}`])].join(' ');
  const counts = [enabled ? '' : 'off', hits === 0 ? '' : counted(hits, 'hit'), notEvaluated === 0 ? '' : `not known at ${counted(notEvaluated, 'place')}: ${lastError ?? ''}`].filter((word) => word !== '').join(', ');
  return output.safe(`${id}  ${log === null ? 'break' : `log ${JSON.stringify(log)} on`} ${where}${counts === '' ? '' : `   ${counts}`}`);
}
