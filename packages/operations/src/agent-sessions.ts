/** Sessions of agents as objects: prepared or started, resumed, given a context, ended (document 003). Debug sessions are another thing. */
import { decideContext, decideSessionEnd, decideSessionResume, decideSessionStart } from '@refold/catalog';
import type { SessionState } from '@refold/catalog';
import type { EventInput } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { jsonObject } from './shapes.ts';
import { carryOut, commandInput, httpOfBoard as http, newIdOf, workAt, workDone, workObject } from './work-objects.ts';

const key = z.string().min(1).meta({ description: 'Key of the session.' });

/** What is said in a session is found by its key. */
const inSession = (sessionId: string, more: Pick<EventInput, 'issueKey'> = {}): { address: { streamType: string; streamId: string }; shared: Pick<EventInput, 'sessionId' | 'issueKey'> } => ({ address: { streamType: 'session', streamId: sessionId }, shared: { sessionId, ...more } });

export const startSession = defineOperation({
  name: 'startSession',
  doc: 'An agent begins its session; without an agent the session is only prepared.',
  scope: 'append',
  kind: 'write',
  input: z.object({
    sessionKey: key.optional().meta({ description: 'Default: a new one.' }),
    agentId: z.string().min(1).optional(),
    agentModel: z.string().optional(),
    taskCode: z.string().optional(),
    sprintCode: z.string().optional(),
    issueKey: z.string().optional(),
    reason: z.string().optional(),
    ...commandInput,
  }),
  output: workDone,
  http: http('POST', '/sessions', { status: 201 }),
  run: (context, input) =>
    carryOut(context, { ...input, ...inSession(input.sessionKey ?? newIdOf(context, input.commitId), input.issueKey === undefined ? {} : { issueKey: input.issueKey }), target: 'either', decide: () => decideSessionStart(input) }),
});

export const getSession = defineOperation({
  name: 'getSession',
  doc: 'The session of an agent as it stands.',
  scope: 'read',
  input: z.object({ key }),
  output: workObject,
  http: http('GET', '/sessions/{key}'),
  run: (context, input) => workAt(context, inSession(input.key).address),
});

export const resumeSession = defineOperation({
  name: 'resumeSession',
  doc: 'An agent takes its session up again, or another one does.',
  scope: 'append',
  kind: 'write',
  input: z.object({ key, agentId: z.string().min(1).optional().meta({ description: 'Default: the agent that had it.' }), reason: z.string().optional(), checkpointId: z.string().optional(), ...commandInput }),
  output: workDone,
  http: http('POST', '/sessions/{key}/resume'),
  run: (context, input) => carryOut<SessionState>(context, { ...input, ...inSession(input.key), decide: (session) => decideSessionResume(session, input) }),
});

export const endSession = defineOperation({
  name: 'endSession',
  doc: 'The session of an agent is over.',
  scope: 'append',
  kind: 'write',
  input: z.object({ key, outcome: z.string().optional(), reason: z.string().optional(), ...commandInput }),
  output: workDone,
  http: http('POST', '/sessions/{key}/end'),
  run: (context, input) => carryOut(context, { ...input, ...inSession(input.key), decide: () => decideSessionEnd(input) }),
});

export const assembleContext = defineOperation({
  name: 'assembleContext',
  doc: 'Records what a context broker put together for a session.',
  scope: 'append',
  kind: 'write',
  input: z.object({ key, sources: z.array(jsonObject).optional(), tokenCount: z.int().nonnegative().optional(), broker: z.string().optional(), ...commandInput }),
  output: workDone,
  http: http('POST', '/sessions/{key}/context', { status: 201 }),
  run: async (context, input) => {
    await workAt(context, inSession(input.key).address);
    return await carryOut(context, { ...input, ...inSession(input.key), address: { streamType: 'context', streamId: input.key }, target: 'either', decide: () => decideContext({ sessionKey: input.key, ...input }) });
  },
});
