/** What may come next in an expression: the expression so far with its last word finished. Pure. */
const words: readonly string[] = [
  ...['type', 'streamType', 'streamId', 'revision', 'position', 'occurredAt', 'recordedAt', 'severity', 'priority', 'agent', 'phase', 'issueKey', 'sessionId', 'correlationId', 'causationId', 'actor.id', 'actor.type'].map((field) => `event.${field}`),
  ...['contains', 'startsWith', 'endsWith', 'matches'].map((name) => `${name}('')`),
];

const completionsMax = 20;

/** @param fields  Of payloads that were seen: `duration_ms`. */
export function completionsOf(text: string, fields: readonly string[]): readonly string[] {
  // Within a text nothing is completed.
  if ((text.replaceAll(/\\./g, '').match(/'/g)?.length ?? 0) % 2 === 1) return [];
  const begun = /[\w.]*$/.exec(text)![0];
  const before = text.slice(0, text.length - begun.length);
  const known = [...words, ...fields.filter((field) => /^[A-Za-z_]\w*$/.test(field)).map((field) => `event.data.${field}`)];
  const last = begun.slice(begun.lastIndexOf('.') + 1);
  const methods = begun.includes('.') && begun.startsWith('event.') ? known.filter((word) => word.endsWith("('')") && word.startsWith(last)).map((word) => begun.slice(0, begun.length - last.length) + word) : [];
  return [...known.filter((word) => word.startsWith('event.') && word.startsWith(begun) && word !== begun), ...methods].slice(0, completionsMax).map((word) => before + word);
}
