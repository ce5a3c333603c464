/** What surrounds a piece of work: issue, session, actor, conversation. Events logged inside take it over (A-103, K-071). */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor, JsonObject } from '@refold/core';

export interface WorkContext {
  readonly issueKey?: string;
  readonly sessionId?: string;
  readonly actor?: Actor;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly serviceName?: string;
  /** What the model was asked with (`temperature`, `max_tokens`): `metadata.model_params` of the events (D-054). */
  readonly modelParams?: JsonObject;
}

const storage = new AsyncLocalStorage<WorkContext>();

/** Runs `work` with a context; contexts nest, the inner one wins field by field. */
export const withContext = <T>(context: WorkContext, work: () => T): T => storage.run({ ...currentContext(), ...context }, work);

/** The ambient context: what `withContext` says, else what the environment says. */
export function currentContext(): WorkContext {
  return storage.getStore() ?? environmentContext();
}

function environmentContext(): WorkContext {
  const { REFOLD_ISSUE_KEY: issueKey, REFOLD_SESSION_ID: sessionId, REFOLD_ACTOR: actor } = process.env;
  return {
    ...(issueKey === undefined ? {} : { issueKey }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(actor === undefined ? {} : { actor: parseActor(actor) }),
  };
}

/** `type:id` or `type:id:model`; an id alone is a service. */
export function parseActor(text: string): Actor {
  const [type, id, model] = text.split(':');
  if (id === undefined) return { type: 'service', id: text };
  const known = type === 'user' || type === 'agent' || type === 'service' || type === 'system' ? type : 'unknown';
  return { type: known, id, ...(model === undefined ? {} : { model }) };
}
