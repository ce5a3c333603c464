/** What a question for events asks by, for the figures about it: one word of a closed list. Source: the unified model, section 3.7. */
export const kindOfOperation: { readonly [operation: string]: string } = {
  getEvent: 'id',
  getCommit: 'id',
  correlationEvents: 'correlation',
  sessionEvents: 'session',
  entityEvents: 'entity_chain',
  streamEvents: 'stream',
  aggregateEvents: 'stream',
  stats: 'stats',
  timeline: 'timeline',
};

/** The first parameter that is there names the kind: the narrowest come first. */
const kindOfParameter: readonly (readonly [parameter: string, kind: string])[] = [
  ['id', 'id'],
  ['text', 'text'],
  ['correlationId', 'correlation'],
  ['sessionId', 'session'],
  ['issueKey', 'issue'],
  ['entityChain', 'entity_chain'],
  ['streamId', 'stream'],
  ['actorId', 'actor'],
  ['type', 'type'],
  ['from', 'time'],
  ['to', 'time'],
];

/** null: it asks for something else than events. */
export function questionKind(operation: string, input: unknown): string | null {
  if (operation !== 'queryEvents') return kindOfOperation[operation] ?? null;
  const given = input as { readonly [parameter: string]: unknown };
  return kindOfParameter.find(([parameter]) => given[parameter] !== undefined)?.[1] ?? 'all';
}

export const reconstructing: ReadonlySet<string> = new Set(['stateAt', 'stateHistory', 'diffStates', 'timeTravel', 'getStream', 'getAggregate', 'systemState', 'openAt']);

/** Name of the span of an operation; null for one that has none of its own: an append has one in the log. */
export function spanNameOf(operation: string, input: unknown): string | null {
  if (reconstructing.has(operation)) return 'refold.reconstruct';
  return questionKind(operation, input) === null ? null : 'refold.query';
}
