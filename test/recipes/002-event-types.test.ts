/** Document 002, "Event Types": each is saved by its verb beside its aggregate type, and does to the state what it says. */
import type { JsonObject } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { engines, openRecipeStore, typesOf } from './recipe-store.ts';

const types: readonly [row: string, aggregateType: string, history: readonly (readonly [string, JsonObject])[], state: object][] = [
  ['B-027', 'agent', [['created', { name: 'A' }]], { exists: true, status: 'created', name: 'A' }],
  ['B-028', 'agent', [['created', { name: 'A', config: { a: 1 } }], ['updated', { config: { b: 2 } }]], { config: { a: 1, b: 2 } }],
  ['B-029', 'agent', [['created', { name: 'A' }], ['deployed', { environment: 'production' }]], { status: 'deployed', deployments: [{ environment: 'production' }] }],
  ['B-030', 'agent', [['created', { name: 'A' }], ['status', { status: 'busy' }]], { runtimeStatus: 'busy' }],
  ['B-031', 'task', [['received', {}]], { status: 'received' }],
  ['B-032', 'task', [['received', {}], ['started', {}]], { status: 'in_progress' }],
  ['B-033', 'task', [['started', {}], ['completed', { result: 'ok' }]], { status: 'completed', result: 'ok' }],
  ['B-034', 'task', [['started', {}], ['failed', { error: { message: 'no' } }]], { status: 'failed', error: { message: 'no' } }],
  ['B-035', 'workflow', [['created', { name: 'w' }]], { status: 'pending' }],
  ['B-036', 'workflow', [['created', { name: 'w' }], ['started', {}]], { status: 'running' }],
  ['B-037', 'workflow', [['started', {}], ['completed', {}]], { status: 'completed' }],
  ['B-038', 'workflow', [['started', {}], ['failed', { error: { message: 'no' } }]], { status: 'failed' }],
  ['B-039', 'workflow', [['started', {}], ['step_completed', { step: 'build' }]], { status: 'running', steps: [{ name: 'build', status: 'completed' }] }],
  ['B-040', 'rollout', [['started', {}]], { status: 'running' }],
  ['B-041', 'rollout', [['started', {}], ['completed', {}]], { status: 'completed' }],
  ['B-042', 'rollout', [['started', {}], ['failed', { error: { message: 'no' } }]], { status: 'failed' }],
  ['B-043', 'spec', [['created', { name: 's' }]], { exists: true }],
  ['B-044', 'spec', [['created', { name: 's' }], ['updated', { content: 'new' }]], { contentVersion: 2 }],
  ['B-045', 'execution', [['started', { spec_id: 's' }]], { status: 'running' }],
  ['B-046', 'execution', [['started', { spec_id: 's' }], ['completed', {}]], { status: 'completed' }],
  ['B-047', 'execution', [['started', { spec_id: 's' }], ['failed', { error: { message: 'no' } }]], { status: 'failed' }],
];

describe.each(engines)('Event types on %s', (engine) => {
  test.each(types)('%s an event of a %s is taken by its verb and folded', async (_row, aggregateType, history, state) => {
    const { store } = openRecipeStore(engine);
    for (const [eventType, eventData] of history) await store.saveEvent({ aggregateId: 'x-1', aggregateType, eventType, eventData, serviceName: 'runner' });
    const stream = await store.getEventStream('x-1');
    expect(typesOf(stream.events)).toEqual(history.map(([verb]) => `${aggregateType}.${verb}`));
    expect(stream.state).toMatchObject(state);
  });
});
