/** The domain of agent orchestration: every kind of stream that Refold knows without being told. */
import { createRegistry } from '@refold/core';
import type { AnyAggregate, Registry } from '@refold/core';
import { agent } from './agent.ts';
import { alert } from './alert.ts';
import { automationRule, automationRun } from './automation.ts';
import { context } from './context.ts';
import { custom } from './custom.ts';
import { execution } from './execution.ts';
import { jobLog } from './job-log.ts';
import { job } from './job.ts';
import { notification } from './notification.ts';
import { issue, objectLog, processCase } from './observed.ts';
import { orchestration } from './orchestration/orchestration.ts';
import { replay } from './replay.ts';
import { repo } from './repo.ts';
import { rollout } from './rollout.ts';
import { runParts } from './run-parts/run-parts.ts';
import { session } from './session.ts';
import { spec } from './spec.ts';
import { sprint } from './sprint.ts';
import { controlEventTypes, store } from './store.ts';
import { task } from './task.ts';
import { trace } from './trace.ts';
import { workflow } from './workflow.ts';

/** In the order a person would meet them. */
export const catalog: readonly AnyAggregate[] = [
  orchestration,
  agent,
  task,
  sprint,
  session,
  context,
  workflow,
  rollout,
  spec,
  execution,
  job,
  jobLog,
  trace,
  repo,
  processCase,
  objectLog,
  issue,
  automationRule,
  automationRun,
  notification,
  alert,
  replay,
  store,
  custom,
];

/**
 * The registry of the built-in domain and a user's own aggregates.
 *
 * @throws LogError BAD_CONFIG `duplicate` when an own aggregate or type has a built-in name.
 */
export const createCatalogRegistry = (extra: readonly AnyAggregate[] = []): Registry => createRegistry({ aggregates: [...catalog, ...extra] });

/** Kinds of stream that are runs: listed by `refold runs`. */
export const runKinds: readonly string[] = catalog.filter(({ run }) => run === true).map(({ type }) => type);

/** Where a type comes from: the documents and the model (128), the log's own acts (TRUST.md), the importers (39), or a user. */
export type TypeFamily = 'model' | 'control' | 'intake' | 'own';

const controlTypes = new Set(controlEventTypes);
const intakeTypes = new Set(Object.keys(runParts.withStepsById.events));

/** What everybody has. */
export const builtIn = createCatalogRegistry();
const builtInTypes = new Set(builtIn.eventTypes().map(({ name }) => name));

export function familyOf(type: string): TypeFamily {
  if (controlTypes.has(type)) return 'control';
  if (intakeTypes.has(type)) return 'intake';
  return builtInTypes.has(type) ? 'model' : 'own';
}

/** The wider category of a category: tests are one of their own in document 001 and part of quality assurance in 000 (K-005). */
export const parentCategoryOf = (category: string): string | null => (category === 'tests' || category === 'quality' ? 'quality_assurance' : null);
