/** The dialects together: by name, or by the look of a value. */
import type { Registry } from '@refold/core';
import { agentLightningDialect } from './agent-lightning.ts';
import { cloudEventsDialect } from './cloudevents.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { jiraDialect } from './jira.ts';
import { jobDialect } from './job-event.ts';
import type { JobEvent } from './job-event.ts';
import { orchestrationDialect } from './orchestration-form.ts';
import type { OrchestrationFormOptions } from './orchestration-form.ts';
import { spellingsOf } from './spellings.ts';

export interface Dialects {
  readonly jira: Dialect;
  readonly agentLightning: Dialect;
  readonly orchestration: Dialect;
  readonly job: Dialect<JobEvent>;
  readonly cloudevents: Dialect;
}

export const dialectNames: readonly DialectName[] = ['jira', 'agentLightning', 'orchestration', 'job', 'cloudevents'];

/** The five dialects over the types of a registry, a user's own included. */
export function createDialects(registry: Registry, options: OrchestrationFormOptions = {}): Dialects {
  const spellings = spellingsOf(registry);
  return {
    jira: jiraDialect(spellings),
    agentLightning: agentLightningDialect(spellings),
    orchestration: orchestrationDialect(spellings, options),
    job: jobDialect(spellings),
    cloudevents: cloudEventsDialect(spellings),
  };
}

/** The dialect a value looks like; null for none of them. The forms share no two telling keys, so at most one fits. */
export const recogniseDialect = (dialects: Dialects, value: unknown): DialectName | null => dialectNames.find((name) => dialects[name].recognises(value)) ?? null;
