/** Commands on the session of an agent. Source: the unified model 3.3.3; C-018, C-019, C-020. */
import { LogError } from '@refold/core';
import type { JsonObject } from '@refold/core';
import type { SessionState } from '../session.ts';
import { payloadOf } from './decision.ts';
import type { Decision } from './decision.ts';

export interface NewSession {
  /** Without an agent the session is only prepared. */
  readonly agentId?: string | undefined;
  readonly agentModel?: string | undefined;
  readonly taskCode?: string | undefined;
  readonly sprintCode?: string | undefined;
  readonly issueKey?: string | undefined;
  readonly reason?: string | undefined;
}

export function decideSessionStart({ agentId, agentModel, taskCode, sprintCode, issueKey, reason }: NewSession): readonly Decision[] {
  if (agentId === undefined) return [{ type: 'session.initialized', data: payloadOf({ sprint_code: sprintCode, task_code: taskCode, issue_key: issueKey, reason }) }];
  return [{ type: 'session.started', data: payloadOf({ agent_id: agentId, agent_model: agentModel, task_code: taskCode, sprint_code: sprintCode, issue_key: issueKey, reason }) }];
}

/**
 * By another agent, or by the one that had it. The log takes a resume as a fact from outside whatever the state; as a command it
 * is refused where it makes no sense.
 *
 * @throws LogError ILLEGAL_TRANSITION for a session that no agent has begun.
 */
export function decideSessionResume({ status, streamId, agentId: before }: SessionState, { agentId, reason, checkpointId }: { readonly agentId?: string | undefined; readonly reason?: string | undefined; readonly checkpointId?: string | undefined }): readonly Decision[] {
  if (status !== 'active' && status !== 'ended')
    throw new LogError('ILLEGAL_TRANSITION', `session/${streamId} is ${status}; there is nothing to resume yet.`, {
      details: { stream: `session/${streamId}`, type: 'session.resumed', from: status, allowedFrom: ['active', 'ended'] },
      hint: 'Start it first, with the agent that begins.',
    });
  return [{ type: 'session.resumed', data: payloadOf({ agent_id: agentId ?? before ?? undefined, reason, checkpoint_id: checkpointId }) }];
}

export const decideSessionEnd = ({ outcome, reason }: { readonly outcome?: string | undefined; readonly reason?: string | undefined }): readonly Decision[] => [{ type: 'session.ended', data: payloadOf({ outcome, reason }) }];

/** What a context broker put together for a session; of the context's own stream. */
export const decideContext = ({ sessionKey, sources, tokenCount, broker }: { readonly sessionKey: string; readonly sources?: readonly JsonObject[] | undefined; readonly tokenCount?: number | undefined; readonly broker?: string | undefined }): readonly Decision[] => [
  { type: 'context.assembled', data: payloadOf({ session_key: sessionKey, sources, token_count: tokenCount, broker }) },
];
