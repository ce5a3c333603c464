/** A refusal written by hand on a bare socket: for bytes that never became a request, and for upgrades, which have no response. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { failureOf, problemMediaType } from './problem.ts';

/** Says what is wrong in the form of every other refusal, and ends the connection. */
export function answerRaw(socket: Duplex, error: unknown, requestId: string): void {
  const { problem, headers } = failureOf(error, requestId);
  const body = JSON.stringify(problem);
  const fields = { 'Content-Type': problemMediaType, 'Content-Length': Buffer.byteLength(body), 'X-Request-Id': requestId, 'X-Content-Type-Options': 'nosniff', ...headers, Connection: 'close' };
  socket.end([`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Bad Request'}`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n'));
}
