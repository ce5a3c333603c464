/**
 * What agents and their tools tell about a run, in any format that intake reads: the 39 types of INTAKE.md section 2. One
 * family for every kind of run, so a session, a trace and a job show the same maps. All of it is fact from outside: taken
 * always, marked when it is odd.
 */
import { definePart } from '@refold/core';
import type { AnyPart, PartDefinition } from '@refold/core';
import { spelled } from '../define.ts';
import type { WorkFields } from '../orchestration/work.ts';
import { conversationEvents, initialConversation } from './conversation.ts';
import type { ConversationFields } from './conversation.ts';
import { exchangeEvents, initialExchange } from './exchange.ts';
import type { ExchangeFields } from './exchange.ts';
import { initialModelCalls, modelCallEvents } from './model-call.ts';
import type { ModelCallFields } from './model-call.ts';
import { initialObservation, observationEvents } from './observation.ts';
import type { ObservationFields } from './observation.ts';
import { stepsById, stepsInList } from './step.ts';
import type { StepsById, StepsInList } from './step.ts';
import { noTokens } from './tokens.ts';
import { initialToolCalls, toolCallEvents } from './tool-call.ts';
import type { ToolCallFields } from './tool-call.ts';
import { initialRunTotals, initialTotals } from './totals.ts';
import type { Totals } from './totals.ts';

/** Beside the steps, which jobs and workflows keep in a list of their own. */
export interface SharedRunFields extends ConversationFields, ToolCallFields, ModelCallFields, ExchangeFields, ObservationFields {
  totals: Totals;
}

export type RunFields = SharedRunFields & StepsById;

const initial = (): SharedRunFields => ({
  ...initialConversation(),
  ...initialToolCalls(),
  ...initialModelCalls(),
  ...initialExchange(),
  ...initialObservation(),
  tokens: noTokens(),
  usage: {},
  totals: initialTotals(),
});

/** A kind of stream that takes this family also keeps the work inside a run: tool calls and agents meet there. */
type Shared<T> = SharedRunFields & WorkFields & T;

const events = <S extends SharedRunFields & WorkFields>() => ({
  ...conversationEvents<S>(),
  ...toolCallEvents<S>(),
  ...modelCallEvents<S>(),
  ...exchangeEvents<S>(),
  ...observationEvents<S>(),
});

const withStepsById: PartDefinition<RunFields> = definePart<RunFields>({
  name: 'intake',
  version: '1.2.0',
  initial: () => ({ ...initial(), steps: {}, totals: initialRunTotals() }),
  // Safe: `Shared` is what the draft of every kind of stream with this part holds.
  events: spelled({ ...events<Shared<StepsById>>(), ...stepsById<Shared<StepsById>>() }) as AnyPart['events'],
});

const withStepsInList: PartDefinition<SharedRunFields> = definePart<SharedRunFields>({
  name: 'intake',
  version: '1.2.0',
  initial,
  events: spelled({ ...events<Shared<StepsInList>>(), ...stepsInList<Shared<StepsInList>>() }) as AnyPart['events'],
});

export const runParts = { withStepsById, withStepsInList } as const;
