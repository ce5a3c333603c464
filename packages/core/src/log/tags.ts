/**
 * The tags of an event: what the log can be asked for without reading payloads. A tag may promise too much (a long value is
 * cut, an entity is also tagged where it is only referred to) but never too little: whatever a filter asks by tag, the tag
 * finds all of it, and the residue of the filter (query/match.ts) throws out the rest.
 *
 * What keeps that true within 32 tags of 256 bytes: a chain or a list of references that does not fit is marked with an
 * `overflow:` tag, and a filter asks for that tag as well; a type that its kind of stream does not declare is marked, so that a
 * glob can be answered from the registry plus the marked ones.
 */
import { defaultLimits } from '../limits.ts';
import type { Registry } from '../schema/registry.ts';
import { sorted } from '../trust/canonical.ts';
import { encodeUtf8 } from './bytes.ts';
import type { EventEnvelope, Severity } from './event.ts';

export type TagKind = 'actor' | 'agent' | 'cause' | 'correlation' | 'day' | 'entity' | 'issue' | 'phase' | 'priority' | 'service' | 'session' | 'severity' | 'trace';

export type TaggedEvent = Pick<
  EventEnvelope,
  | 'actor' | 'agent' | 'causationId' | 'correlationChain' | 'correlationId' | 'data' | 'entityId' | 'entityType' | 'issueKey' | 'occurredAt'
  | 'phase' | 'priority' | 'refs' | 'serviceName' | 'sessionId' | 'severity' | 'streamId' | 'streamType' | 'trace' | 'type'
>;

/** On events whose type their kind of stream does not declare; one that takes any type (`otherwise`) declares none by that. */
export const unregisteredTag = 'type:unregistered';

/** On events that have more of a kind than they have tags for. */
export const overflowTag = (kind: 'correlation' | 'entity'): string => `overflow:${kind}`;

const correlationTagsMax = 8;
const taggedSeverities: ReadonlySet<Severity> = new Set(['WARN', 'ERROR', 'FATAL']);

/** All tags of an event, sorted, unique, within the limits of a driver. */
export function tagsOf(event: TaggedEvent, registry: Registry): readonly string[] {
  const definition = registry.definitionIn(event.streamType, event.type);
  const tags = new Set<string>();
  const add = (kind: TagKind, value: string | undefined): void => {
    if (value !== undefined && value !== '') tags.add(tagFor(kind, value));
  };
  // In the order of the alphabet, which leaves the sort at the end little to do.
  add('actor', pair(event.actor.type, event.actor.id));
  add('agent', event.agent);
  add('cause', event.causationId);
  add('correlation', event.correlationId);
  add('day', event.occurredAt.slice(0, 10));
  add('entity', pair(event.entityType, event.entityId));
  // The stream is an entity too: everything about it is found by one tag, whichever part an event is about.
  add('entity', pair(event.streamType, event.streamId));
  add('issue', event.issueKey);
  add('phase', event.phase);
  if (event.priority === 'P0' || event.priority === 'P1') add('priority', event.priority);
  add('service', event.serviceName);
  add('session', event.sessionId);
  if (taggedSeverities.has(event.severity)) add('severity', event.severity);
  add('trace', event.trace?.traceId);
  if (!registry.isDeclaredIn(event.streamType, event.type)) tags.add(unregisteredTag);

  addSome(tags, 'correlation', event.correlationChain, correlationTagsMax - 1);
  const spare = (): number => defaultLimits.tagsPerEventMax - 1 - tags.size;
  for (const own of definition?.tags?.(event.data) ?? []) if (spare() > 0 && own !== '') tags.add(shorten(own));
  if (event.refs !== undefined) addSome(tags, 'entity', event.refs.map((ref) => pair(ref.type, ref.id)), spare());
  return sorted([...tags]);
}

/** The tag that events with this value carry. */
export const tagFor = (kind: TagKind, value: string): string => shorten(`${kind}:${value}`);

/** True when the tag of a value is carried by no event with another value: nothing was cut or replaced on either side. */
export const isExactTag = (kind: TagKind, value: string): boolean => tagFor(kind, value) === `${kind}:${value}` && !/\ufffd|~\d+$/.test(value);

/** The value of an `actor:` or `entity:` tag. */
export const pair = (type: string, id: string): string => `${type}/${id}`;

function addSome(tags: Set<string>, kind: 'correlation' | 'entity', values: readonly string[], countMax: number): void {
  let left = countMax;
  for (const value of values) {
    const tag = tagFor(kind, value);
    if (tags.has(tag)) continue;
    if (left-- <= 0) {
      tags.add(overflowTag(kind));
      return;
    }
    tags.add(tag);
  }
}

const keptBytes = 200;
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f]/;

/** A tag within the limits: what not every engine can index (controls, lone surrogates) becomes U+FFFD; what is too long is cut and keeps its length. */
function shorten(tag: string): string {
  const text = (control.test(tag) ? tag.replace(new RegExp(control, 'g'), '\ufffd') : tag).toWellFormed();
  if (text.length * 3 <= defaultLimits.tagBytesMax) return text;
  const bytes = encodeUtf8(text);
  if (bytes.length <= defaultLimits.tagBytesMax) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, keptBytes)).replace(/\ufffd+$/, '')}~${bytes.length}`;
}
