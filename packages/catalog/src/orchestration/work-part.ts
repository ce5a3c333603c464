/** The work inside a run, as facts from outside: for every kind of run but the orchestration, which has its own rules. */
import { definePart } from '@refold/core';
import type { SettledKeys } from '@refold/core';
import { spelled } from '../define.ts';
import type { Events } from '../define.ts';
import { agentRunEvents } from './agent-run.ts';
import { checkpointEvents } from './checkpoint.ts';
import { decisionEvents } from './decision.ts';
import { documentationEvents } from './documentation.ts';
import { errorEvents } from './error.ts';
import { gapEvents } from './gap.ts';
import { gitEvents } from './git.ts';
import { phaseEvents } from './phase.ts';
import { qualityCheckEvents, testRunEvents } from './quality.ts';
import { initialWork } from './work.ts';
import type { WorkFields, WorkRules } from './work.ts';

/** What a restore brings back of the work; the orchestration adds its own status (K-052). */
export const restorableWork: readonly (keyof WorkFields)[] = [
  'currentPhase',
  'activeAgents',
  'completedPhases',
  'phases',
  'agentRuns',
  'agentRunAliases',
  'agentRunsByName',
  'gaps',
  'qualityChecks',
  'testRuns',
  'lastError',
];

/** Every event of the work inside a run, under the rules of the kind of run. */
export const workEvents = <S extends WorkFields>(rules: WorkRules<S>): Events<S> => ({
  ...phaseEvents(rules),
  ...agentRunEvents(rules),
  ...gapEvents(rules),
  ...gitEvents<S>(),
  ...documentationEvents<S>(),
  ...qualityCheckEvents(rules),
  ...testRunEvents(rules),
  ...checkpointEvents(rules),
  ...errorEvents<S>(),
  ...decisionEvents<S>(),
});

const tolerated: WorkRules<WorkFields> = { policy: 'tolerate', mayStart: () => null, onStart: () => undefined, restorable: restorableWork };

/** A checkpoint's copy is read by each restore and changed by none. */
export const settledWork: SettledKeys = [['checkpoints', '*', 'saved']];

export const workPart = definePart<WorkFields>({ name: 'work', version: '1.2.0', initial: initialWork, events: spelled(workEvents(tolerated)), settled: settledWork });
