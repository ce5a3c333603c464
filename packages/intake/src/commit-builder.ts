/**
 * Builds the commit of one source record: ids from the record's key, the common envelope (`metadata.source`, time flags,
 * who imported) on every event, what the mapping did not use on the first.
 */
import type { Actor, EntityRef, EventInput, GitContext, JsonObject } from '@refold/core';
import type { Identity } from './identity.ts';
import type { SourceInstant } from './instant.ts';
import { known } from './json-shape.ts';
import { legalStream, legalType } from './legal-name.ts';
import type { StreamName } from './legal-name.ts';
import { countEvent } from './report.ts';
import type { IntakeReport } from './report.ts';
import type { SourcePosition } from './source-position.ts';
import type { ImplicitStart, IntakeCommit, IntakeEvent } from './source.ts';

/** The time of a record, and how far it can be believed. */
export interface RecordTime extends SourceInstant {
  /** The source's own text; undefined for a record without a time. */
  readonly text?: string;
  readonly inferred?: 'previous' | 'next';
  readonly isUnknown?: boolean;
  readonly isLate?: boolean;
  readonly isOdd?: boolean;
}

export interface RecordOrigin {
  readonly position: SourcePosition;
  readonly key: string;
  /** What follows the producer in the key: the name the source gave. */
  readonly nativeId: string;
  readonly producer: string;
  readonly format: string;
  readonly formatVersion?: string;
  /** The source's own word for this kind of record. */
  readonly nativeType?: string;
  readonly nativeSeq?: number | string;
  readonly sha256: string;
  readonly sanitized: boolean;
  readonly time: RecordTime;
}

export interface NewEvent {
  readonly type: string;
  readonly data: JsonObject;
  readonly actor: Actor;
  /** Address of another stream than the record's own. */
  readonly stream?: StreamName;
  readonly refs?: readonly EntityRef[];
  readonly agent?: string;
  readonly git?: GitContext;
  readonly causationId?: string;
  readonly severity?: EventInput['severity'];
  /** Rule that concluded this event from the record. */
  readonly derived?: string;
  /** Key of a fact that other producers report too; the id is made from it. */
  readonly fact?: string;
  readonly metadata?: JsonObject;
}

export interface CommitBuilder {
  /**
   * Adds an event and says its id. `part` names its place in the record, the same in every copy: the index of a content
   * block, or a word for what was concluded from the record.
   */
  add(part: number | string, event: NewEvent): string;
  /** A start that the source does not show, for the end that is added next. */
  addImplicitStart(part: number | string, event: NewEvent): void;
  /** Id of the event that stands for the record when another one names it as its cause. */
  mainId(): string | undefined;
  finish(rest?: JsonObject): IntakeCommit;
}

interface BuilderOptions {
  readonly identity: Identity;
  readonly report: IntakeReport;
  readonly stream: StreamName;
  /** Base of event ids when it is not the record's own key: the same record may stand in two files. */
  readonly eventKey?: string;
  readonly correlationId?: string;
  readonly sessionId?: string;
  readonly causationId?: string;
  readonly importedBy?: string;
}

export function buildCommit(origin: RecordOrigin, options: BuilderOptions): CommitBuilder {
  const { identity, report, stream } = options;
  const common = commonMetadata(origin, options.importedBy);
  const events: IntakeEvent[] = [];
  const implicitStarts: ImplicitStart[] = [];
  let main: string | undefined;

  function eventOf(event: NewEvent, id: string): IntakeEvent {
    const wanted = event.stream ?? stream;
    const home = legalStream(wanted, identity);
    const type = legalType(event.type);
    const causationId = event.causationId ?? options.causationId;
    const metadata = { ...(home === wanted && type === event.type ? common : withNames(common, wanted, event.type)), ...(event.derived === undefined ? {} : { derived: event.derived }), ...event.metadata };
    return {
      id,
      type,
      data: event.data,
      actor: event.actor,
      streamType: home.type,
      streamId: home.id,
      occurredAt: origin.time.at,
      metadata,
      ...(options.correlationId === undefined ? {} : { correlationId: options.correlationId, correlationChain: [options.correlationId] }),
      ...(options.sessionId === undefined ? {} : { sessionId: options.sessionId }),
      ...(event.refs === undefined || event.refs.length === 0 ? {} : { refs: event.refs }),
      ...(event.agent === undefined ? {} : { agent: event.agent }),
      ...(event.git === undefined ? {} : { git: event.git }),
      ...(event.severity === undefined ? {} : { severity: event.severity }),
      // Nothing causes itself: a record whose parent wrote the same fact has no cause of its own.
      ...(causationId === undefined || causationId === id ? {} : { causationId }),
    };
  }

  const idFor = (event: NewEvent, part: number | string): string => identity.idOf(event.fact ?? `${options.eventKey ?? origin.key}|${part}`);

  return {
    add(part, event) {
      const built = eventOf(event, idFor(event, part));
      events.push(built);
      if (typeof part === 'number') main ??= built.id;
      return built.id;
    },
    addImplicitStart(part, event) {
      const derived = { ...event, derived: 'implicit start' };
      implicitStarts.push({ before: events.length, event: eventOf(derived, idFor(derived, `start ${part}`)) });
    },
    mainId: () => main ?? events[0]?.id,
    finish(rest) {
      const [first] = events;
      if (first === undefined) throw new Error(`Record ${origin.key} gave no event.`);
      const written = rest === undefined ? events : [withRest(first, rest), ...events.slice(1)];
      for (const event of written) countEvent(report, event);
      return {
        commitId: identity.idOf(origin.key),
        key: origin.key,
        stream: `${first.streamType}/${first.streamId}`,
        events: written,
        expected: 'any',
        transitions: 'flag',
        ...(implicitStarts.length === 0 ? {} : { implicitStarts }),
        source: origin.position,
      };
    },
  };
}

/** Names that had to be made legal, as they came. */
const withNames = (common: JsonObject, stream: StreamName, type: string): JsonObject => ({ ...common, source: { ...(common.source as JsonObject), stream: `${stream.type}/${stream.id}`, type } });

function withRest(event: IntakeEvent, rest: JsonObject): IntakeEvent {
  const source = event.metadata?.source as JsonObject;
  return { ...event, metadata: { ...event.metadata, source: { ...source, rest } } };
}

function commonMetadata(origin: RecordOrigin, importedBy: string | undefined): JsonObject {
  const { time } = origin;
  return known({
    source: known({
      producer: origin.producer,
      format: origin.format,
      formatVersion: origin.formatVersion,
      file: origin.position.file,
      line: origin.position.line,
      nativeType: origin.nativeType,
      nativeId: origin.nativeId,
      nativeSeq: origin.nativeSeq,
      time: time.text,
      sha256: origin.sha256,
    }),
    occurredNanos: time.nanos === 0 ? undefined : time.nanos,
    zoneAssumed: time.zoneAssumed && time.text !== undefined ? true : undefined,
    timeInferred: time.inferred,
    timeUnknown: time.isUnknown === true ? true : undefined,
    late: time.isLate === true ? true : undefined,
    oddClock: time.isOdd === true ? true : undefined,
    sanitized: origin.sanitized ? true : undefined,
    importedBy,
  });
}
