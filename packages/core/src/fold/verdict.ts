/**
 * May this event follow this state? One judgement for the append (which refuses) and for the fold (which takes what is in the
 * log and marks it). Source: the unified model 3.3.2 and 3.3.3.
 *
 * What the judgement keeps apart:
 *  - an enforced type that is illegal keeps the status as it was; only its data is merged;
 *  - a tolerated type is a fact from outside and wins over our picture of the world: it moves the status, with an anomaly;
 *  - a fact told twice moves nothing;
 *  - MISSING_PREDECESSOR and DUPLICATE_FACT are remarks about the log, no refusals: they have no error code;
 *  - after a deleting event only a creating one is legal: one whose transition starts at "absent" and nowhere else.
 */
import { LogError } from '../errors.ts';
import type { Registry } from '../schema/registry.ts';
import type { AnomalyCode, AnyEventDefinition, FoldEvent, Refusal, State } from './aggregate.ts';

export type Verdict = LegalVerdict | IllegalVerdict;

export interface LegalVerdict {
  readonly legal: true;
  /** The machine's next status; null when the event has no machine. */
  readonly status: string | null;
}

export interface IllegalVerdict {
  readonly legal: false;
  readonly code: Refusal['code'];
  /** Name of the state machine; null when the event has none. */
  readonly machine: string | null;
  /** Where the machine stands, and where the event would lead. */
  readonly from: string | null;
  readonly to: string | null;
  /** Statuses from which the event would be legal. */
  readonly allowedFrom: readonly string[];
  /** Types of the same machine that are legal now. */
  readonly allowedEvents: readonly string[];
  readonly detail: string;
  /** What the definition says about its refusal: `path`, `actual`, `parent`, ... */
  readonly details: { readonly [key: string]: unknown };
  /** enforce: an append refuses the event. tolerate: it is taken and marked. */
  readonly policy: 'enforce' | 'tolerate';
}

/** What the fold does with an event: the status it hands to `evolve`, and the anomaly it notes. */
export interface Ruling {
  readonly status: string | null;
  readonly objection: Refusal | null;
}

/** Status of a machine, or of a whole stream, that is not there (yet, or any more). */
const absentStatus = 'absent';

/** True when the stream has a history and its last life ended. */
export const isDeleted = (state: State): boolean => !state.exists && state.eventCount > 0;

/** True for a type that begins a life and nothing else. */
const isCreating = (definition: AnyEventDefinition): boolean =>
  definition.transition !== undefined && definition.transition.from.length === 1 && definition.transition.from[0] === absentStatus;

const legalWithoutMachine: Ruling = Object.freeze({ status: null, objection: null });

/** The hot half of the judgement: what the fold needs for every event, nothing for messages. */
export function rule(definition: AnyEventDefinition, type: string, state: State, event: FoldEvent): Ruling {
  if (isDeleted(state) && !isCreating(definition)) {
    return { status: null, objection: { code: 'ILLEGAL_TRANSITION', detail: `${type} is not allowed after the stream was deleted` } };
  }
  const move = definition.transition === undefined ? legalWithoutMachine : ruleTransition(definition, type, state, event);
  if (move.objection !== null || definition.refuse === undefined) return move;
  const objection = definition.refuse(state, event);
  if (objection === null) return move;
  return { status: keepsStatus(objection.code) ? move.status : null, objection };
}

function ruleTransition(definition: AnyEventDefinition, type: string, state: State, event: FoldEvent): Ruling {
  const transition = definition.transition!;
  const from = statusOf(definition, state, event);
  const to = transition.to === 'same' ? from : typeof transition.to === 'string' ? transition.to : transition.to(event, from, state);
  if (transition.from === 'any' || transition.from.includes(from)) return { status: to, objection: null };

  const place = transition.machine === event.streamType ? '' : ` of ${transition.machine}`;
  const detail = `${type} is not allowed in status ${from}${place}`;
  if (definition.policy !== 'tolerate') return { status: null, objection: { code: 'ILLEGAL_TRANSITION', detail } };
  if (from === to) return { status: null, objection: { code: 'DUPLICATE_FACT', detail: `${type} was told before: status is ${from}${place}` } };
  return { status: to, objection: { code: from === absentStatus ? 'MISSING_PREDECESSOR' : 'ILLEGAL_TRANSITION', detail } };
}

/** A creating event after the end of a life finds the machine where it started. */
const statusOf = (definition: AnyEventDefinition, state: State, event: FoldEvent): string =>
  isDeleted(state) ? absentStatus : definition.transition!.status(state, event);

/** A missing predecessor is implied and a `before` that differs is overwritten; everything else leaves the status alone. */
const keepsStatus = (code: Refusal['code']): boolean => code === 'MISSING_PREDECESSOR' || code === 'BEFORE_MISMATCH';

/** The whole judgement, with what a refusal has to tell. `definition` null = a type that this kind of stream does not know. */
export function judge(registry: Registry, definition: AnyEventDefinition | null, state: State, event: FoldEvent): Verdict {
  if (definition === null) return { legal: true, status: null };
  const { status, objection } = rule(definition, event.type, state, event);
  if (objection === null) return { legal: true, status };

  const { transition } = definition;
  const from = isDeleted(state) ? deletedStatus(state) : (transition?.status(state, event) ?? null);
  const allowedEvents = isDeleted(state) ? creatingTypes(registry, state) : transition === undefined ? [] : legalTypes(registry, transition.machine, from!, state);
  return {
    legal: false,
    code: objection.code,
    machine: transition?.machine ?? null,
    from,
    to: transition === undefined ? null : transition.to === 'same' ? from : typeof transition.to === 'string' ? transition.to : transition.to(event, from ?? absentStatus, state),
    allowedFrom: transition === undefined || transition.from === 'any' ? [] : transition.from,
    allowedEvents,
    detail: objection.code === 'ILLEGAL_TRANSITION' && allowedEvents.length > 0 ? `${objection.detail} (allowed: ${allowedEvents.join(', ')})` : objection.detail,
    details: objection.details ?? {},
    policy: definition.policy === 'tolerate' || isRemark(objection.code) ? 'tolerate' : 'enforce',
  };
}

const isRemark = (code: Refusal['code']): boolean => code === 'MISSING_PREDECESSOR' || code === 'DUPLICATE_FACT';

const deletedStatus = (state: State): string => (typeof state['status'] === 'string' ? state['status'] : 'deleted');

const legalTypes = (registry: Registry, machine: string, status: string, state: State): readonly string[] =>
  typesOf(registry, state).flatMap(([type, { transition }]) =>
    transition?.machine === machine && (transition.from === 'any' || transition.from.includes(status)) ? [type] : [],
  );

const creatingTypes = (registry: Registry, state: State): readonly string[] =>
  typesOf(registry, state).flatMap(([type, definition]) => (isCreating(definition) && definition.transition?.machine === state.streamType ? [type] : []));

function typesOf(registry: Registry, state: State): readonly (readonly [string, AnyEventDefinition])[] {
  const aggregate = registry.aggregate(state.streamType);
  return aggregate === null ? [] : [aggregate, ...(aggregate.parts ?? [])].flatMap(({ events }) => Object.entries(events));
}

/** The anomaly that stands for an objection when the event is in the log all the same. */
export const anomalyCodeOf = (code: Refusal['code']): AnomalyCode => (code === 'SCHEMA_VIOLATION' || code === 'MISSING_FIELD' ? 'ILLEGAL_TRANSITION' : code);

/** The refusal of an append. Only for verdicts whose policy is "enforce". */
export function refusalOf(verdict: IllegalVerdict, event: Pick<FoldEvent, 'type' | 'streamType' | 'streamId'>, revision: number): LogError {
  const { from, to, allowedFrom, allowedEvents, machine } = verdict;
  const code = verdict.code === 'MISSING_PREDECESSOR' || verdict.code === 'DUPLICATE_FACT' ? 'ILLEGAL_TRANSITION' : verdict.code;
  const place = code === 'ILLEGAL_TRANSITION' ? { machine, from, to, allowed: allowedEvents, allowedFrom, allowedEvents } : {};
  return new LogError(code, verdict.detail, {
    details: { stream: `${event.streamType}/${event.streamId}`, type: event.type, revision, ...place, ...verdict.details },
    hint: allowedEvents.length > 0 ? `Allowed now: ${allowedEvents.join(', ')}.` : 'Read the state of the stream, then decide again.',
  });
}
