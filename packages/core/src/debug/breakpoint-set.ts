/** The breakpoints of a session by number, and what they say about a place. */
import { LogError } from '../errors.ts';
import { shareBudget } from '../expression/budget.ts';
import { defaultLimits } from '../limits.ts';
import type { Revision } from '../log/driver.ts';
import type { Registry } from '../schema/registry.ts';
import { createBreakpoint } from './breakpoint.ts';
import type { Breakpoint, BreakpointHistory, BreakpointInput, BreakpointView } from './breakpoint.ts';
import type { EventPlace } from './run.ts';

/** A line that a logpoint wrote. */
export interface LogLine {
  readonly breakpointId: string;
  readonly revision: Revision;
  readonly eventId: string;
  readonly text: string;
}

/** What holds at a place: breakpoints stop there, logpoints have written their line. */
export interface Hits {
  readonly stops: readonly Breakpoint[];
  readonly logs: readonly { readonly breakpoint: Breakpoint; readonly line: LogLine }[];
}

export const noHits: Hits = Object.freeze({ stops: [], logs: [] });

export interface BreakpointSet {
  add(id: string, input: BreakpointInput): BreakpointView;
  /** @throws LogError NOT_FOUND `breakpoint`. */
  get(id: string): Breakpoint;
  remove(id: string): void;
  views(): readonly BreakpointView[];
  /** Those that are switched on, ready to be asked. */
  ready(history: BreakpointHistory): Promise<readonly Breakpoint[]>;
}

export function createBreakpointSet(streamType: string, registry: Registry): BreakpointSet {
  const breakpoints = new Map<string, Breakpoint>();

  function get(id: string): Breakpoint {
    const found = breakpoints.get(id);
    if (found === undefined) throw new LogError('NOT_FOUND', `There is no breakpoint ${id}.`, { details: { reason: 'breakpoint', id }, hint: 'List the breakpoints of the session.' });
    return found;
  }

  return {
    add(id, input) {
      const breakpoint = createBreakpoint(id, input, streamType, registry);
      breakpoints.set(id, breakpoint);
      return breakpoint.view;
    },
    get,
    remove(id) {
      get(id);
      breakpoints.delete(id);
    },
    views: () => [...breakpoints.values()].map(({ view }) => view),
    async ready(history) {
      const enabled = [...breakpoints.values()].filter(({ view }) => view.enabled);
      for (const breakpoint of enabled) await breakpoint.resolve(history);
      return enabled;
    },
  };
}

/** Asks every breakpoint about a place; what they may cost there is bounded together. */
export const hitsAt = (place: EventPlace, breakpoints: readonly Breakpoint[]): Hits => shareBudget(defaultLimits.debugPlaceCostMax, () => askAll(place, breakpoints));

function askAll(place: EventPlace, breakpoints: readonly Breakpoint[]): Hits {
  const holding = breakpoints.filter((breakpoint) => breakpoint.holds(place));
  if (holding.length === 0) return noHits;
  const { id: eventId, revision } = place.event;
  const stops: Breakpoint[] = [];
  const logs: { breakpoint: Breakpoint; line: LogLine }[] = [];
  for (const breakpoint of holding) {
    const text = breakpoint.line(place);
    if (text === null) stops.push(breakpoint);
    else logs.push({ breakpoint, line: { breakpointId: breakpoint.view.id, revision, eventId, text } });
  }
  return { stops, logs };
}

export const idsOf = ({ stops, logs }: Hits): readonly string[] => [...stops, ...logs.map(({ breakpoint }) => breakpoint)].map(({ view }) => view.id);
