/** The event has one TypeScript type and one JSON Schema, and they say the same: the table below is held to the type by the compiler, and to the schema by the test. */
import type { EventEnvelope } from '@refold/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { event } from '../src/shapes.ts';

/** Every field of the type, and whether it may be absent. */
type Fields = { readonly [K in keyof Required<EventEnvelope>]: object extends Pick<EventEnvelope, K> ? 'optional' : 'required' };

const fields: Fields = {
  id: 'required',
  type: 'required',
  schemaVersion: 'required',
  streamType: 'required',
  streamId: 'required',
  revision: 'required',
  position: 'required',
  entityType: 'required',
  entityId: 'required',
  refs: 'optional',
  occurredAt: 'required',
  recordedAt: 'required',
  actor: 'required',
  serviceName: 'optional',
  correlationId: 'required',
  correlationChain: 'required',
  causationId: 'optional',
  sessionId: 'optional',
  issueKey: 'optional',
  phase: 'optional',
  agent: 'optional',
  data: 'required',
  changes: 'optional',
  metadata: 'required',
  priority: 'required',
  severity: 'required',
  git: 'optional',
  trace: 'optional',
  prevHash: 'required',
  hash: 'required',
  archivedAt: 'optional',
  erased: 'optional',
  ext: 'optional',
};

test('X-001 the schema of the event has the fields of its type, each as optional as there', () => {
  const { properties, required } = z.toJSONSchema(event, { unrepresentable: 'any' }).$defs!['Event'] as { properties: object; required: readonly string[] };
  const said = Object.keys(properties).map((name) => [name, required.includes(name) ? 'required' : 'optional']);
  expect(Object.fromEntries(said)).toEqual(fields);
});
