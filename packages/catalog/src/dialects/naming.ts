/**
 * The two spellings of envelope and result keys: camelCase (canonical) and snake_case (`?naming=snake`). Payload keys are
 * never re-spelled (K-004), and neither are names that people chose: fields of `changes`, ids in the maps of a state.
 */
import type { Json } from '@refold/core';
import { isObject } from '../read.ts';

/** Below these keys everything is somebody's own: copied as it is. */
const verbatim = new Set(['data', 'before', 'after', 'metadata', 'ext', 'codebaseState', 'payload', 'config', 'params', 'input', 'result', 'output', 'outputs', 'rule', 'settings', 'saved', 'report', 'last', 'variables', 'schema']);

/** Below these keys the next keys are names or ids; their values are ours again. */
const byName = new Set([
  'changes', 'phases', 'agentRuns', 'agentRunAliases', 'agentRunsByName', 'gaps', 'pullRequests', 'qualityChecks', 'testRuns', 'checkpoints', 'errors', 'prompts', 'turns', 'messages', 'toolCalls', 'modelCalls', 'steps',
  'approvals', 'files', 'usage', 'timers', 'updates', 'childRuns', 'markers', 'activities', 'objects', 'attributes', 'fields', 'recordsKept', 'bySeverity', 'byType', 'byActor', 'byStreamType', 'byPriority', 'byDate', 'byAgent', 'aliases', 'schemas', 'holds', 'agents', 'streams', 'watches', 'values',
]);

export const snakeCase = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const camelCase = (key: string): string => key.replaceAll(/(?<=.)_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** An envelope or a result with snake_case keys. */
export const toSnakeNaming = (value: Json): Json => respell(value, snakeCase, (key) => key);

/** The way back: an envelope or a request with snake_case keys in our own spelling. Keys in camelCase stay. */
export const toCamelNaming = (value: Json): Json => respell(value, camelCase, camelCase);

/** @param canonical  The camelCase name of a key as it comes in, to look up what lies below it. */
function respell(value: Json, spell: (key: string) => string, canonical: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item: Json) => respell(item, spell, canonical));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [spell(key), respellBelow(canonical(key), below, spell, canonical)]));
}

function respellBelow(key: string, value: Json, spell: (key: string) => string, canonical: (key: string) => string): Json {
  if (verbatim.has(key)) return value;
  if (!byName.has(key) || !isObject(value)) return respell(value, spell, canonical);
  return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, respell(below, spell, canonical)]));
}
