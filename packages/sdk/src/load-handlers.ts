/** Replay handlers from a module: code that whoever starts the process names, never data of a request. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LogError } from '@refold/core';
import type { ReplayHandler } from '@refold/core';

/**
 * @param path  An ECMAScript module whose default export, or whose `handlers`, holds functions by event type.
 * @param from  Folder that a relative path starts from; default the working folder.
 * @throws LogError BAD_CONFIG `handlers` for what cannot be loaded or holds anything else.
 */
export async function loadReplayHandlers(path: string, from: string = process.cwd()): Promise<{ readonly [type: string]: ReplayHandler }> {
  const loaded = (await import(pathToFileURL(resolve(from, path)).href).catch((cause: unknown) => {
    throw refuse(`${path} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  })) as { readonly default?: unknown; readonly handlers?: unknown };
  const handlers = loaded.handlers ?? loaded.default;
  if (typeof handlers !== 'object' || handlers === null) throw refuse(`${path} exports no handlers.`);
  for (const [type, handler] of Object.entries(handlers)) if (typeof handler !== 'function') throw refuse(`The handler of ${type} in ${path} is no function.`);
  return handlers as { readonly [type: string]: ReplayHandler };
}

const refuse = (message: string, cause?: unknown): LogError =>
  new LogError('BAD_CONFIG', message, { details: { reason: 'handlers' }, hint: "Export functions by event type: export const handlers = { 'phase.started': async (event, { idempotencyKey }) => ({ result: 'done' }) };", ...(cause === undefined ? {} : { cause }) });
