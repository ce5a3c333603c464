/** In which form a client takes an answer (GraphQL over HTTP, section 6.1; RFC 9110, 12.5.1). */
import { HttpFault } from '../http-fault.ts';

const responseMediaType = 'application/graphql-response+json';
const eventStream = 'text/event-stream';

export const mediaTypeOf = (form: 'response' | 'json'): string => `${form === 'response' ? responseMediaType : 'application/json'}; charset=utf-8`;

/** `response` is GraphQL's own media type, whose status says what happened; `json` is for clients that look for 200 only. */
export type Form = 'response' | 'json' | 'events';

/** @throws HttpFault 406 `accept` when no form of ours is taken. */
export function formFor(accept: string | undefined, isSubscription: boolean): Form {
  const weights = new Map((accept ?? '*/*').split(',').map((range) => weighed(range)));
  const [response, json, events] = [weights.get(responseMediaType) ?? 0, weights.get('application/json') ?? weights.get('application/*') ?? weights.get('*/*') ?? 0, weights.get(eventStream) ?? 0];
  if (isSubscription && events === 0) throw new HttpFault('accept', 'The answers of a subscription are a stream.', { status: 406, hint: `Send Accept: ${eventStream}, or subscribe over graphql-ws at the same address.` });
  if (isSubscription) return 'events';
  if (response > 0 && response >= json) return 'response';
  if (json > 0) return 'json';
  if (events > 0) return 'events';
  throw new HttpFault('accept', 'The answer is JSON, and Accept leaves it out.', { status: 406, hint: `Send Accept: ${responseMediaType}.` });
}

/** A type that is not named at all is taken for plain JSON: a refusal has to be said somehow. */
export const formOfRefusal = (accept: string | undefined): 'response' | 'json' => (accept?.includes(responseMediaType) === true ? 'response' : 'json');

function weighed(range: string): [string, number] {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length) ?? 1);
  return [type, Number.isFinite(weight) ? weight : 0];
}
