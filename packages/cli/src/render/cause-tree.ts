/** Causes as a chain, the event that was asked about, and its effects as a tree. */
import type { EventEnvelope, Registry } from '@refold/core';
import type { Output } from '../output.ts';
import { isBad, placeTextOf, summaryOf } from './event-rows.ts';

interface Effect {
  readonly event: EventEnvelope;
  readonly effects: readonly Effect[];
}

export interface CauseTree {
  /** From the nearest to the first. */
  readonly causes: readonly EventEnvelope[];
  readonly event: EventEnvelope;
  /** The operation's type for them is JSON; this is what it holds. */
  readonly effects: readonly unknown[];
}

interface Link {
  readonly mark: string;
  readonly event: EventEnvelope;
}

export function printCauseTree(output: Output, { causes, event, effects }: CauseTree, registry: Registry): void {
  printLinks(output, [...causes.toReversed().map((cause) => ({ mark: '  ', event: cause })), { mark: '> ', event }, ...effectLinks(effects as readonly Effect[], '  ')], registry);
}

/** Only what an event caused, each below what caused it. */
export const printEffects = (output: Output, effects: readonly unknown[], registry: Registry): void => printLinks(output, [...effectLinks(effects as readonly Effect[], '  ')], registry);

function* effectLinks(effects: readonly Effect[], indent: string): Generator<Link> {
  for (const { event, effects: further } of effects) {
    yield { mark: `${indent}> `, event };
    yield* effectLinks(further, `${indent}  `);
  }
}

function printLinks(output: Output, links: readonly Link[], registry: Registry): void {
  if (output.options.mode === 'plain') {
    for (const { mark, event } of links) output.line([mark.trim(), event.id, `${event.streamType}/${event.streamId}@${event.revision}`, event.type, output.safe(summaryOf(event, registry))].join('\t'));
    return;
  }
  const placeText = placeTextOf(output, links.map(({ event }) => event));
  output.table(links, [
    { title: 'place', text: ({ mark, event }) => mark + placeText(event) },
    { title: 'at', text: ({ event }) => output.moment(event.occurredAt), style: () => 'dim' },
    { title: 'type', text: ({ event }) => event.type, style: ({ event }) => (isBad(event) ? 'red' : 'cyan') },
    { title: 'summary', text: ({ event }) => summaryOf(event, registry), fills: true },
  ]);
}
