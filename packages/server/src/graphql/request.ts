/** What came in, over whatever, as a request of GraphQL: query, variables, operationName, extensions, and nothing else. */
import { LogError } from '@refold/core';
import { HttpFault } from '../http-fault.ts';
import type { Asked } from './prepare.ts';

export interface GraphqlRequest extends Asked {
  /** Where a subscription goes on; undefined: from its beginning. */
  readonly afterPosition: number | undefined;
  readonly epoch: string | undefined;
  /** What is confirmed beside the document. */
  readonly confirm: string | undefined;
}

const members: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

/** @throws LogError BAD_REQUEST `batching`, `query`, `variables`, `operation_name`, `extensions`, `after_position`, `epoch`, `confirm`, `shape`. */
export function readRequest(value: unknown): GraphqlRequest {
  if (Array.isArray(value)) throw refuse('batching', 'Several requests came in one.', 'Send one request at a time.');
  if (!isMap(value)) throw refuse('shape', 'The request is no map.', 'Send {"query": "..."} with variables and operationName where they are needed.');
  const other = Object.keys(value).find((name) => !members.has(name));
  if (other !== undefined) throw refuse('shape', `A request has no "${other.slice(0, 64)}".`, 'There are query, variables, operationName and extensions.');
  const { query, variables, operationName, extensions } = value;
  if (typeof query !== 'string') throw refuse('query', 'The query is no text.', 'Send the document as text in query.');
  if (!isMapOrNone(variables)) throw refuse('variables', 'The variables are no map.', 'Send them by name.');
  if (!isNone(operationName) && typeof operationName !== 'string') throw refuse('operation_name', 'The name of the operation is no text.', 'Send the name, or leave it out.');
  if (!isMapOrNone(extensions)) throw refuse('extensions', 'The extensions are no map.', 'Send a map, or leave them out.');
  const { afterPosition, epoch, confirm } = extensions ?? {};
  if (!isNone(afterPosition) && !isPosition(afterPosition)) throw refuse('after_position', 'extensions.afterPosition is not a position.', 'Send the extensions.position of the last answer that arrived, or leave it out.');
  if (!isNone(epoch) && typeof epoch !== 'string') throw refuse('epoch', 'extensions.epoch is no text.', 'Send the epoch that this server told, or leave it out.');
  if (!isNone(confirm) && typeof confirm !== 'string') throw refuse('confirm', 'extensions.confirm is no text.', 'Send the address of what is replayed, type/id.');
  return { query, variables: variables ?? null, operationName: operationName ?? null, afterPosition: afterPosition ?? undefined, epoch: epoch ?? undefined, confirm: confirm ?? undefined };
}

/** A request by GET; what is not text there is JSON. @throws LogError BAD_REQUEST `repeated_parameter`; BAD_JSON. */
export function membersInAddress(address: string): unknown {
  const url = new URL(address, 'http://localhost');
  return Object.fromEntries(
    [...url.searchParams].map(([name, text]) => {
      if (url.searchParams.getAll(name).length > 1) throw refuse('repeated_parameter', `"${name.slice(0, 64)}" is given twice.`, 'Give it once.');
      return [name, name === 'variables' || name === 'extensions' ? jsonIn(name, text) : text];
    }),
  );
}

function jsonIn(name: string, text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch (error) {
    throw new LogError('BAD_JSON', `"${name}" is not JSON.`, { details: { reason: 'syntax', pointer: `/${name}` }, hint: 'Send it as JSON in the address, encoded.', cause: error });
  }
}

type Map = { readonly [name: string]: unknown };

const isNone = (value: unknown): value is null | undefined => value === null || value === undefined;
const isMap = (value: unknown): value is Map => typeof value === 'object' && value !== null && !Array.isArray(value);
const isMapOrNone = (value: unknown): value is Map | null | undefined => isNone(value) || isMap(value);
const isPosition = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const refuse = (reason: string, message: string, hint: string): HttpFault => new HttpFault(reason, message, { status: 400, hint });
