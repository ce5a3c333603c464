/**
 * A debug session as a test that stays: what the watches showed at the visited places must be what they show for ever. In
 * two forms: vitest source text that reads the export beside it, and a script of debug commands that CI runs without vitest.
 */
import type { Json } from '../log/event.ts';
import type { DebugExport } from './export.ts';

export interface WatchedFact {
  readonly revision: number;
  readonly expression: string;
  readonly value: Json;
}

/** The facts that the watches of a session state, each once, by place. A watch that could not be evaluated states nothing. */
export function watchedFacts({ timeline }: Pick<DebugExport, 'timeline'>): readonly WatchedFact[] {
  const facts = new Map<string, WatchedFact>();
  for (const { revision, watches } of timeline)
    for (const [expression, value] of Object.entries(watches)) if (value !== null) facts.set(`${revision} ${expression}`, { revision, expression, value });
  return [...facts.values()].toSorted((a, b) => a.revision - b.revision || (a.expression < b.expression ? -1 : 1));
}

export interface RegressionTestOptions {
  /** File name of the export, beside the test. */
  readonly fixture: string;
  /** What folds the events: an export of a module, a function without arguments that gives the registry. */
  readonly registry: { readonly module: string; readonly name: string };
  /** Default `@refold/core`. */
  readonly core?: string;
}

/** Source text of a vitest file. It asserts each fact at its revision, over the events of the fixture. */
export function regressionTestSource(exported: DebugExport, { fixture, registry, core = '@refold/core' }: RegressionTestOptions): string {
  const { streamType, aggregateId } = exported.info;
  const facts = watchedFacts(exported).map(({ revision, expression, value }) => `  [${revision}, ${JSON.stringify(expression)}, ${JSON.stringify(value)}],`);
  return `/** What a debug session of ${comment(`${streamType}/${aggregateId}`)} saw, exported ${exported.exportedAt}. The events are in ${comment(fixture)}. */
import { readFileSync } from 'node:fs';
import { createHash, createHmac } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createFold, importSession } from ${JSON.stringify(core)};
import { ${registry.name} } from ${JSON.stringify(registry.module)};
import { describe, expect, test } from 'vitest';

const exported: unknown = JSON.parse(readFileSync(new URL(${JSON.stringify(`./${fixture}`)}, import.meta.url), 'utf8'));
const hasher = {
  sha256: (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key: Uint8Array, bytes: Uint8Array) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
};
const parts = { fold: createFold(${registry.name}()), hasher, clock: { now: () => 0, turn: () => nextTurn() } };

/** Revision, expression, value. */
const facts: readonly (readonly [number, string, unknown])[] = [
${facts.join('\n')}
];

describe(${JSON.stringify(`${streamType}/${aggregateId}`)}, () => {
  test.each(facts)('at @%i %s is what it was', async (revision, expression, value) => {
    const session = await importSession(exported, parts);
    await session.goTo({ kind: 'revision', revision });
    expect(session.evaluate(expression)).toEqual({ ok: true, value });
  });
});
`;
}

/** The facts as lines of a debug script: `g @12`, `assert (event_type) == "agent.updated"`. Lists and maps are CEL literals. */
export function regressionScript(exported: DebugExport): string {
  const lines: string[] = [`# ${comment(`${exported.info.streamType}/${exported.info.aggregateId}`)}, exported ${exported.exportedAt}`];
  let at: number | null = null;
  for (const { revision, expression, value } of watchedFacts(exported)) {
    if (revision !== at) lines.push(`g @${revision}`);
    at = revision;
    lines.push(`assert (${expression.replaceAll(/\s*\n\s*/g, ' ')}) == ${JSON.stringify(value)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A name from a log must not end a comment, nor begin a line. */
const comment = (text: string): string => text.replaceAll('*/', '* /').replaceAll(/[\r\n\u2028\u2029]+/g, ' ');
