/**
 * Causes and effects of one event, as recorded. Up: the chain of `causationId` to the first event that names none. Down: the
 * events that name this one, and theirs. A recorded cause may be a command, an event of another log, or a lie: it is told as
 * dangling. What was visited is not visited again, so a cycle is cut and told too (bad-input B13).
 */
import type { EventEnvelope } from '../log/event.ts';

/** Where events are looked up; both are one indexed read. */
export interface CauseSource {
  byIds(ids: readonly string[]): Promise<readonly EventEnvelope[]>;
  /** Events whose `causationId` is this id, in the log's order; at most `limit`. */
  effectsOf(id: string, limit: number): Promise<readonly EventEnvelope[]>;
}

export interface EffectNode {
  readonly event: EventEnvelope;
  readonly effects: readonly EffectNode[];
}

export interface CauseTree {
  readonly event: EventEnvelope;
  /** Nearest first; the last one is the root. */
  readonly causes: readonly EventEnvelope[];
  readonly effects: readonly EffectNode[];
  /** Recorded causes that are not in this log. */
  readonly dangling: readonly { readonly eventId: string; readonly causationId: string }[];
  /** A cycle was cut, or a limit was reached. */
  readonly truncated: boolean;
}

export interface CauseOptions {
  /** Events in all; default 1,000. */
  readonly eventsMax?: number;
  /** Steps up, and steps down; default 64. */
  readonly depthMax?: number;
  readonly direction?: 'up' | 'down' | 'both';
}

/** @returns null when there is no event of this id. */
export async function causeTree(id: string, source: CauseSource, { eventsMax = 1_000, depthMax = 64, direction = 'both' }: CauseOptions = {}): Promise<CauseTree | null> {
  const [event] = await source.byIds([id]);
  if (event === undefined) return null;
  const walk: Walk = { source, visited: new Set([event.id]), eventsMax, depthMax, truncated: false, dangling: [] };
  const causes = direction === 'down' ? [] : await causesOf(event, walk);
  const effects = direction === 'up' ? [] : await effectsOf(event, walk);
  return { event, causes, effects, dangling: walk.dangling, truncated: walk.truncated };
}

interface Walk {
  readonly source: CauseSource;
  readonly visited: Set<string>;
  readonly eventsMax: number;
  readonly depthMax: number;
  readonly dangling: { eventId: string; causationId: string }[];
  truncated: boolean;
}

/** Marks an event as visited; false when it was, or when no more may be. */
function visit(walk: Walk, id: string): boolean {
  if (walk.visited.has(id) || walk.visited.size >= walk.eventsMax) {
    walk.truncated = true;
    return false;
  }
  walk.visited.add(id);
  return true;
}

async function causesOf(event: EventEnvelope, walk: Walk): Promise<readonly EventEnvelope[]> {
  const causes: EventEnvelope[] = [];
  let current = event;
  while (current.causationId !== undefined) {
    if (causes.length >= walk.depthMax || walk.visited.has(current.causationId)) {
      walk.truncated = true;
      break;
    }
    const [cause] = await walk.source.byIds([current.causationId]);
    if (cause === undefined) {
      walk.dangling.push({ eventId: current.id, causationId: current.causationId });
      break;
    }
    if (!visit(walk, cause.id)) break;
    causes.push(cause);
    current = cause;
  }
  return causes;
}

interface OpenNode {
  readonly event: EventEnvelope;
  readonly effects: OpenNode[];
}

/** Level by level, so that a limit cuts what is furthest from the question, and no chain is too deep for the stack. */
async function effectsOf(event: EventEnvelope, walk: Walk): Promise<readonly EffectNode[]> {
  const root: OpenNode = { event, effects: [] };
  let level: OpenNode[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    const next: OpenNode[] = [];
    for (const node of level)
      for (const effect of await walk.source.effectsOf(node.event.id, walk.eventsMax - walk.visited.size + 1)) {
        if (depth >= walk.depthMax) walk.truncated = true;
        else if (visit(walk, effect.id)) node.effects.push({ event: effect, effects: [] });
      }
    for (const node of level) next.push(...node.effects);
    level = next;
  }
  return root.effects;
}
