/**
 * Figures after a change by hand. An imported state and a generic undo write into the lists of a state past the functions
 * that count and index them; what the lists gained and lost by that is taken over into `totals`.
 */
import type { State } from '@refold/core';
import { indexAgentRuns } from '../orchestration/agent-runs.ts';
import type { WorkFields } from '../orchestration/work.ts';
import { isObject } from '../read.ts';
import { factFamilies, partFamilies } from './totals.ts';

type Figures = Record<string, number>;

/**
 * Carries out a change of a state's values and brings the figures and the index up to date.
 *
 * @param bringsTotals  The change sets `totals` itself: they are believed.
 */
export function recountAfter(draft: State<Record<string, unknown>>, bringsTotals: boolean, change: () => void): void {
  const before = census(draft);
  change();
  const totals = draft['totals'];
  if (!isObject(totals)) return;
  if (!bringsTotals)
    for (const [family, now] of census(draft)) {
      const total = (totals as Record<string, Figures>)[family];
      if (total === undefined) continue;
      const then = before.get(family) ?? {};
      for (const figure of Object.keys({ ...then, ...now })) total[figure] = (total[figure] ?? 0) + (now[figure] ?? 0) - (then[figure] ?? 0);
    }
  if (hasAgentRuns(draft)) indexAgentRuns(draft, null);
}

/** True where the work inside a run is kept and its agent runs, which may be an exporter's, are what they should be. */
function hasAgentRuns(draft: object): draft is WorkFields {
  const { agentRuns, activeAgents } = draft as { readonly [key: string]: unknown };
  if (!isObject(agentRuns) || !Array.isArray(activeAgents)) return false;
  const areRuns = Object.values(agentRuns).every((run) => isObject(run) && [run['id'], run['agentName'], run['status'], run['spawnedAt']].every((text) => typeof text === 'string'));
  return areRuns && activeAgents.every((name) => typeof name === 'string');
}

/** What the lists of a state hold, in the figures of `totals`. */
function census(state: State<Record<string, unknown>>): ReadonlyMap<string, Figures> {
  const counted = new Map<string, Figures>();
  for (const [family, { open, closed }] of Object.entries(partFamilies)) {
    const parts = entriesOf(state[family]);
    const figures: Figures = { started: parts.length };
    for (const status of [...open, ...closed]) figures[status] = parts.filter((part) => isObject(part) && part['status'] === status).length;
    counted.set(family, figures);
  }
  for (const family of factFamilies) counted.set(family, { recorded: entriesOf(state[family]).length });
  counted.get('toolCalls')!['denied'] = entriesOf(state['toolCalls']).filter((call) => isObject(call) && call['denied'] === true).length;
  return counted;
}

const entriesOf = (list: unknown): readonly unknown[] => (Array.isArray(list) || isObject(list) ? Object.values(list) : []);
