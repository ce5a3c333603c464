/**
 * What a person finds their way by in a long history: the life of the stream itself, what its definitions call a landmark
 * (phases, checkpoints), and long silences. Told by the same steps as a timeline, so it knows no domain.
 *
 * A pure function of a prefix: each event is added once, in revision order. Bounded: of more than `marksMax` marks the later
 * ones are counted and not kept.
 */
import type { AnyEventDefinition } from '../fold/aggregate.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { instantMs } from '../log/instant.ts';
import { createStanding, stepOf } from '../query/timeline.ts';
import type { Registry } from '../schema/registry.ts';

export interface Mark {
  /** A lane of the timeline (`phase`, `checkpoint`, the stream's own type), or `wait`: nothing was told for `waitMsMin` or longer. */
  readonly kind: string;
  /** Where it begins, and where it ends: the same for a point, null for what goes on. */
  readonly from: Revision;
  readonly to: Revision | null;
  /** When it happened, and until when; null for a point and for what goes on. */
  readonly at: Instant;
  readonly until: Instant | null;
  readonly label: string;
  /** Of what has a status: the one it ended in, or stands in. */
  readonly status: string | null;
  readonly eventId: string;
}

export interface MarksWindow {
  /** In the order in which they begin. */
  readonly marks: readonly Mark[];
  /** Marks in the window, and those of the whole stream that were not kept. */
  readonly total: number;
}

export interface Marks {
  /** The next event, in revision order. */
  add(event: EventEnvelope): void;
  /** Marks that touch the revisions from one to another, both inclusive; at most `limit` of them. Of more, the rare kinds are told whole and the others evenly thinned out. */
  window(from: Revision, to: Revision, limit: number): MarksWindow;
}

export const waitMsMin = 300_000;

export function createMarks(registry: Registry, marksMax = 100_000): Marks {
  const standing = createStanding();
  const open = new Map<string, Draft>();
  const marks: Draft[] = [];
  let notKept = 0;
  let last: { readonly event: EventEnvelope; readonly ms: number } | null = null;

  function keep(mark: Draft): Draft {
    if (marks.length < marksMax) marks.push(mark);
    else notKept++;
    return mark;
  }

  function noteSilence(event: EventEnvelope): void {
    const ms = instantMs(event.occurredAt);
    if (ms === null) return;
    if (last !== null && ms - last.ms >= waitMsMin)
      keep({ kind: 'wait', from: last.event.revision, to: event.revision, at: last.event.occurredAt, until: event.occurredAt, label: `nothing was told for ${Math.floor((ms - last.ms) / 60_000)} min`, status: null, eventId: last.event.id });
    if (last === null || ms > last.ms) last = { event, ms };
  }

  return {
    add(event) {
      noteSilence(event);
      const definition = registry.definitionIn(event.streamType, event.type) ?? registry.eventType(event.type)?.definition ?? null;
      if (!isLandmark(event, definition)) return;
      const { key, lane, mark, status } = stepOf(event, definition, standing);
      const running = open.get(key);
      if (mark === 'start' && running === undefined) open.set(key, keep({ ...pointOf(event, definition, lane, status), to: null }));
      else if (mark === 'end' && running !== undefined) {
        Object.assign(running, { to: event.revision, until: event.occurredAt, status: status ?? running.status });
        open.delete(key);
      } else if (mark !== 'hidden') keep(pointOf(event, definition, lane, status));
    },
    window(from, to, limit) {
      const touching = marks.filter((mark) => mark.from <= to && (mark.to ?? Infinity) >= from).toSorted((a, b) => a.from - b.from);
      return { marks: thinned(touching, limit).map((mark) => ({ ...mark })), total: touching.length + notKept };
    },
  };
}

/** As many as fit: what is rare first, since a long run has thousands of phases and a few checkpoints. */
function thinned(marks: readonly Draft[], limit: number): readonly Draft[] {
  if (marks.length <= limit) return marks;
  const kinds = [...Map.groupBy(marks, ({ kind }) => kind).values()].toSorted((a, b) => a.length - b.length);
  let room = limit;
  const kept = new Set(
    kinds.flatMap((all, index) => {
      const share = Math.min(all.length, Math.floor(room / (kinds.length - index)));
      room -= share;
      return Array.from({ length: share }, (_, place) => all[Math.floor((place * all.length) / share)]!);
    }),
  );
  return marks.filter((mark) => kept.has(mark));
}

type Draft = { -readonly [K in keyof Mark]: Mark[K] };

/** A move of the stream's own machine is one without a word of its definition. */
const isLandmark = (event: EventEnvelope, definition: AnyEventDefinition | null): boolean => definition?.timeline?.landmark ?? definition?.transition?.machine === event.streamType;

const pointOf = (event: EventEnvelope, definition: AnyEventDefinition | null, kind: string, status: string | null): Draft => ({
  kind,
  from: event.revision,
  to: event.revision,
  at: event.occurredAt,
  until: null,
  label: definition?.summary?.(event) ?? `${event.type} ${event.entityId}`,
  status,
  eventId: event.id,
});
