/** The header with which whoever lost an event stream says where he was (WHATWG HTML, 9.2.4); every door that sends one reads it. */
import type { IncomingHttpHeaders } from 'node:http';
import { HttpFault } from './http-fault.ts';

/**
 * Where the client says that it was.
 *
 * @throws LogError BAD_REQUEST `last_event_id` when it is not a position.
 */
export function lastEventId(headers: IncomingHttpHeaders): number | undefined {
  const given = headers['last-event-id'];
  if (typeof given !== 'string' || given === '') return undefined;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new HttpFault('last_event_id', 'Last-Event-ID is not a position.', { status: 400, hint: 'Send the id of the last event that arrived, or leave it out.' });
}
