/** A look around at an instant: timeTravel. A place by number stands for the instant of its event. */
import { compileExpression, normalInstant } from '@refold/core';
import { openAt, stateAt, travelTo } from '@refold/operations';
import { defineCommand } from '../command.ts';
import type { Connection } from '../connection.ts';
import { given, listOf, usage, wholeNumberOf } from '../options.ts';
import { counted } from '../output.ts';
import { addressOf, placeArgument } from '../place-argument.ts';
import type { PlaceArgument } from '../place-argument.ts';
import { instantArgument } from '../place-input.ts';
import { isBad, numberText, summaryOf } from '../render/event-rows.ts';
import { printOpenWork } from '../render/open-work.ts';
import { inlineText } from '../render/state-tree.ts';
import { spanText } from '../render/duration-text.ts';

export const travel = defineCommand({
  arguments: [
    { name: '<place>', doc: 'STREAM@2025-12-22T10:00:00Z, STREAM@12, latest' },
    { name: '[time]', doc: 'the instant, when it is not in the place' },
  ],
  options: [
    { flags: '--window <n>', doc: 'events around it, in all; default 5 before and 5 after' },
    { flags: '--watch <expression...>', doc: 'CEL over the state then, for example state.currentPhase' },
  ],
  examples: [
    ['refold travel PROJ-123@2', 'how it stood after the second event'],
    ['refold time-travel PROJ-123 2025-12-22T10:30:00Z --window 3', 'by the clock'],
  ],
  async run(session, { arguments: [text = '', time], options }) {
    const { output } = session;
    const connection = await session.connect();
    const place = await placeArgument(connection, text);
    if (place.place !== undefined && time !== undefined) throw usage('A place is given twice.', 'place', 'Write STREAM@PLACE or STREAM TIME.');
    const view = await connection.call(travelTo, { streamType: place.streamType, streamId: place.streamId, at: time === undefined ? await instantOf(connection, place) : instantArgument(time), ...given({ window: wholeNumberOf(options, 'window') }) });
    const { items: underWay } = output.options.mode === 'text' ? await connection.call(openAt, { streamType: place.streamType, streamId: place.streamId, at: view.queryTimestamp }) : { items: [] };
    const watches = watched(listOf(options, 'watch') ?? [], view.state);
    output.answer(view, () => {
      const { currentPhase, activeAgents, completedPhases, status } = view.stateSummary;
      const { createdAt } = view.state as { readonly createdAt?: string | null };
      output.line(`${output.style('bold', output.safe(addressOf(place, view.revision)))}${createdAt === null || createdAt === undefined ? '' : `  +${spanText(createdAt, view.queryTimestamp)}`}  ${view.queryTimestamp}`);
      output.line(`  ${[`status ${status}`, ...(currentPhase === null ? [] : [`phase ${currentPhase}`]), ...(activeAgents.length === 0 ? [] : [`active agents ${activeAgents.join(', ')}`]), ...(completedPhases.length === 0 ? [] : [`completed ${completedPhases.join(', ')}`])].join('   ')}`);
      for (const { expression, value } of watches) output.line(`  ${output.safe(expression)} = ${inlineText(output, value)}`);
      if (underWay.length > 0) output.line(output.style('dim', 'under way'));
      printOpenWork(output, underWay, view.queryTimestamp);
      output.line(output.style('dim', 'around it'));
      output.table(view.surroundingEvents, [
        { title: 'place', text: (event) => `${event.revision === view.revision ? '> ' : '  '}@${numberText(output, event.revision)}` },
        { title: 'at', text: (event) => output.moment(event.occurredAt), style: () => 'dim' },
        { title: 'type', text: (event) => event.type, style: (event) => (isBad(event) ? 'red' : 'cyan') },
        { title: 'summary', text: (event) => `${view.later.includes(event.id) ? '(later) ' : ''}${summaryOf(event, connection.registry)}`, fills: true },
      ]);
    });
    if (view.stragglers > 0) output.note(`late: ${counted(view.stragglers, 'event')} claim a time up to ${view.queryTimestamp} and stand behind events that happened later; they are in this state, in the log's order`);
    if (view.later.length > 0) output.note(`(later): happened after ${view.queryTimestamp} although it stands before the cut; it is not in this state`);
    for (const warning of view.warnings) output.note(`refold: warning: ${output.safe(warning)}`);
  },
});

async function instantOf(connection: Connection, { place, ...stream }: PlaceArgument): Promise<string> {
  const instant = place === undefined ? null : normalInstant(place);
  if (instant !== null) return instant;
  const { asOf } = await connection.call(stateAt, { ...stream, ...(place === undefined ? {} : { place }) });
  if (asOf === null) throw usage('Before the first event there is no instant.', 'place', 'Take STREAM@start or a later one.');
  return asOf;
}

/** Expressions over the state, as a debugger's watches are. */
function watched(expressions: readonly string[], state: unknown): readonly { readonly expression: string; readonly value: unknown }[] {
  return expressions.map((expression) => {
    const answer = compileExpression(expression, { scope: 'debug' }).evaluate({ state });
    return { expression, value: answer.ok ? answer.value : `(${answer.error.message})` };
  });
}
