/**
 * A page that many may look at. What each of its events is (an envelope, held against its leaf) is found out when somebody first
 * wants it; what a question selects is found out once for all who ask the same.
 */
import { createPace } from '../pace.ts';
import type { Clock } from '../ports.ts';
import type { EventTest } from '../query/match.ts';
import type { Page, Position, Query, Recorded } from './driver.ts';
import type { EventEnvelope } from './event.ts';
import { matchesQuery } from './query-match.ts';
import { envelopeOf } from './record.ts';

/** What a follower wants of the log; no part = everything. */
export interface Wanted {
  readonly query?: Query;
  readonly residue?: Residue;
}

/** A test on envelopes, and a name that it shares with those that judge alike. */
export interface Residue {
  readonly key: string;
  readonly test: EventTest;
}

export interface Selected {
  readonly events: readonly EventEnvelope[];
  /** Why the page could not be looked at further; what is before it stands in `events`. */
  readonly failure?: { readonly reason: unknown };
}

export interface FollowedPage {
  /** It holds everything after `from`, up to and with `to`. */
  readonly from: Position;
  readonly to: Position;
  readonly head: Position;
  readonly count: number;
  readonly bytes: number;
  /** @param key  Equal for equal wishes; `null` when the answer is not worth keeping. */
  select(wanted: Wanted, key: string | null): Promise<Selected>;
}

export interface FollowedPageParts {
  readonly clock: Pick<Clock, 'now' | 'turn'>;
  /** @throws LogError INTEGRITY_VIOLATION {position}. */
  readonly assertIntact: (record: Recorded) => void;
}

/** So many answers are kept beside a page; questions beyond them are answered each time. */
const answersMax = 64;

export function createFollowedPage({ events: records, next, head }: Page, from: Position, { clock, assertIntact }: FollowedPageParts): FollowedPage {
  const last = records.at(-1)?.position ?? from;
  const envelopes: EventEnvelope[] = [];
  const proved: boolean[] = [];
  const answers = new Map<string, Promise<Selected>>();

  function prove(index: number): void {
    if (proved[index] !== true) assertIntact(records[index]!);
    proved[index] = true;
  }

  async function look({ query, residue }: Wanted): Promise<Selected> {
    const events: EventEnvelope[] = [];
    const pace = createPace(clock);
    for (const [index, record] of records.entries()) {
      if (query !== undefined && !matchesQuery(query, record)) continue;
      try {
        // A test may be slow on every event (expression/budget.ts); others get their turn.
        if (pace.isDue()) await pace.turn();
        const envelope = (envelopes[index] ??= envelopeOf(record));
        if (residue?.test(envelope) === false) continue;
        prove(index);
        events.push(envelope);
      } catch (reason) {
        return { events, failure: { reason } };
      }
    }
    return { events };
  }

  return {
    from,
    // With a query the page's head is complete for what matches; without events there is still progress.
    to: Math.max(from, next === null ? head : last),
    head,
    count: records.length,
    bytes: records.reduce((sum, { body }) => sum + body.length, 0),
    select(wanted, key) {
      if (key === null) return look(wanted);
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = look(wanted);
      if (answers.size < answersMax) answers.set(key, answer);
      return answer;
    },
  };
}
