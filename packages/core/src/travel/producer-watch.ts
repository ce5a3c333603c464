/**
 * Who told what: the producers of a stream's events, the numbers they gave their records, and where two of them tell one
 * fact differently. Read from `metadata.source`, which an import writes; what was appended directly has no producer but its
 * service.
 */
import type { Instant } from '../log/driver.ts';
import type { EventEnvelope, Json } from '../log/event.ts';
import { createGapList } from './gaps.ts';
import type { Gaps } from './gaps.ts';

export interface ProducerReport {
  /** Name of the producer, else of the service; "direct" when neither is told. */
  readonly producer: string;
  /** Forms it came in: `transcript`, `hook`, `otlp`. */
  readonly formats: readonly string[];
  readonly events: number;
  /** Events that were concluded from a record rather than told by it. */
  readonly derived: number;
  /** Records that came after records of a later time. */
  readonly late: number;
  /** Events that broke a rule about good events and were kept all the same. */
  readonly flagged: number;
  /** By what they say of themselves; never an order. */
  readonly earliest: Instant;
  readonly latest: Instant;
}

/** Numbers from `from` to `to` of a sequence that has numbers on both sides. */
export interface SequenceHole {
  readonly producer: string;
  readonly file: string | null;
  readonly from: number;
  readonly to: number;
}

export interface Disagreement {
  /** The record that says the same fact again, and the event that said it first. */
  readonly eventId: string;
  readonly refersTo: string;
  /** JSON pointers into the payload. */
  readonly differs: readonly string[];
  readonly producer: string;
  /** null when the first event stands in another stream. */
  readonly otherProducer: string | null;
}

export interface ProducerWatch {
  step(event: EventEnvelope): void;
  report(): { readonly producers: readonly ProducerReport[]; readonly holes: Gaps<SequenceHole>; readonly disagreements: Gaps<Disagreement> };
}

interface Source {
  readonly producer: string;
  readonly format: string | null;
  readonly file: string | null;
  readonly sequence: number | null;
  /** The beginning of something that the source only showed the end of. */
  readonly isConcludedStart: boolean;
}

export function sourceOf(event: EventEnvelope): Source {
  const { source, derived } = event.metadata;
  const fields = typeof source === 'object' && source !== null && !Array.isArray(source) ? (source as { readonly [key: string]: Json }) : {};
  const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);
  const sequence = Number(fields['nativeSeq'] ?? NaN);
  return {
    producer: text(fields['producer']) ?? event.serviceName ?? 'direct',
    format: text(fields['format']),
    file: text(fields['file']),
    sequence: Number.isSafeInteger(sequence) ? sequence : null,
    isConcludedStart: derived === 'implicit start',
  };
}

export const producerOf = (event: EventEnvelope): string => sourceOf(event).producer;

type Draft = { -readonly [K in keyof ProducerReport]: ProducerReport[K] } & { formats: string[] };

/** @param producerById  Who told each event that passed; kept by the caller. */
export function createProducerWatch(producerById: ReadonlyMap<string, string>, itemsMax: number): ProducerWatch {
  const producers = new Map<string, Draft>();
  const sequences = new Map<string, { readonly producer: string; readonly file: string | null; readonly numbers: NumberRanges }>();
  const disagreements = createGapList<Disagreement>(itemsMax);

  return {
    step(event) {
      const source = sourceOf(event);
      count(producerFor(producers, source.producer, event), event, source);
      if (source.sequence !== null) {
        const key = JSON.stringify([source.producer, source.file]);
        const known = sequences.get(key) ?? { producer: source.producer, file: source.file, numbers: createNumberRanges() };
        sequences.set(key, known);
        known.numbers.add(source.sequence);
      }
      const told = corroborationOf(event);
      if (told !== null && told.differs.length > 0) disagreements.add({ eventId: event.id, ...told, producer: source.producer, otherProducer: producerById.get(told.refersTo) ?? null });
    },
    report() {
      const holes = createGapList<SequenceHole>(itemsMax);
      for (const { producer, file, numbers } of sequences.values()) for (const [from, to] of numbers.holes()) holes.add({ producer, file, from, to });
      return { producers: [...producers.values()], holes: holes.report(), disagreements: disagreements.report() };
    },
  };
}

function producerFor(producers: Map<string, Draft>, producer: string, { occurredAt }: EventEnvelope): Draft {
  const known = producers.get(producer);
  if (known !== undefined) return known;
  const draft: Draft = { producer, formats: [], events: 0, derived: 0, late: 0, flagged: 0, earliest: occurredAt, latest: occurredAt };
  producers.set(producer, draft);
  return draft;
}

function count(draft: Draft, { occurredAt, metadata }: EventEnvelope, { format }: Source): void {
  draft.events++;
  if (format !== null && !draft.formats.includes(format)) draft.formats.push(format);
  if (metadata['derived'] !== undefined) draft.derived++;
  if (metadata['late'] === true) draft.late++;
  if (metadata['violations'] !== undefined) draft.flagged++;
  if (occurredAt < draft.earliest) draft.earliest = occurredAt;
  if (occurredAt > draft.latest) draft.latest = occurredAt;
}

/** Told by its shape, not by its type: a record that corroborates another and says where it differs. */
function corroborationOf({ data }: EventEnvelope): Pick<Disagreement, 'refersTo' | 'differs'> | null {
  const { reason, refers_to: refersTo, differs } = data;
  if (reason !== 'corroborates' || typeof refersTo !== 'string') return null;
  return { refersTo, differs: Array.isArray(differs) ? differs.filter((path): path is string => typeof path === 'string') : [] };
}

interface NumberRanges {
  add(number: number): void;
  /** What is missing between the smallest and the largest number. */
  holes(): readonly (readonly [from: number, to: number])[];
}

/** Whole numbers as ranges: a sequence without holes is one range, in whatever order it came. */
function createNumberRanges(): NumberRanges {
  const ranges: [number, number][] = [];
  return {
    add(number) {
      let [low, high] = [0, ranges.length];
      if (ranges.at(-1) !== undefined && ranges.at(-1)![1] < number) low = high;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (ranges[middle]![1] < number) low = middle + 1;
        else high = middle;
      }
      // ranges[low] is the first that ends at or after the number.
      const [before, at] = [ranges[low - 1], ranges[low]];
      if (at !== undefined && at[0] <= number) return;
      const below = before !== undefined && before[1] + 1 === number ? before : null;
      const above = at !== undefined && at[0] - 1 === number ? at : null;
      if (below !== null && above !== null) {
        below[1] = above[1];
        ranges.splice(low, 1);
      } else if (below !== null) below[1] = number;
      else if (above !== null) above[0] = number;
      else ranges.splice(low, 0, [number, number]);
    },
    holes: () => ranges.slice(1).map(([from], index) => [ranges[index]![1] + 1, from - 1] as const),
  };
}
