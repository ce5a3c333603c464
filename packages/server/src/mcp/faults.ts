/** A refusal, as MCP says it: in a tool's result, where the model can do better next time, or as an error of the protocol. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { failureOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { plainValue } from './plain-text.ts';

/** What a caller is told of a problem, everywhere the same. */
export interface FaultData {
  readonly code: string;
  readonly detail: string;
  readonly details: object;
  readonly requestId: string;
  readonly hint?: string;
}

/** Texts in it may hold what somebody recorded. */
export const faultData = ({ code, detail, details, requestId, hint }: Problem): FaultData => plainValue({ code, detail, details, requestId, ...(hint === undefined ? {} : { hint }) }) as FaultData;

/** Of a request that is no call of a tool: there is no result to say it in. What is not the caller's fault is -32603. */
export function protocolErrorOf(thrown: unknown, requestId: string, report: (thrown: unknown, problem: Problem) => void): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  const { problem } = failureOf(thrown, requestId);
  report(thrown, problem);
  const data = faultData(problem);
  return new ProtocolError(problem.status >= 500 ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams, data.detail, data);
}
