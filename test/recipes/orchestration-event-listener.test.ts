/** Document 003's OrchestrationEventListener: handlers by type, started and stopped. */
import { EventListener, OrchestrationEventListener } from '@refold/sdk';
import type { EventListenerOptions, EventStore } from '@refold/sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { engines, openRecipeStore } from './recipe-store.ts';

const ana = { type: 'user', id: 'ana' } as const;
const task = (streamId: string, type: string, data: object = {}) => ({ streamType: 'task', streamId, type, data: { ...data }, actor: ana });

function listening(store: EventStore, options: EventListenerOptions = {}): EventListener {
  const listener = new OrchestrationEventListener(store, options);
  onTestFinished(() => listener.stop().catch(() => undefined));
  return listener;
}

/** Resolves when the listener has handled a position. */
async function handled(listener: EventListener, position: number): Promise<void> {
  while ((listener.position ?? 0) < position) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(engines)('OrchestrationEventListener on %s', (engine) => {
  test('C-011 C-027 on(type, handler) is called once for each event of the type, under any spelling, from start to stop', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvent(task('T-0', 'task.created', { task_code: 'T-0' }));
    const listener = listening(store);
    const heard: string[] = [];
    const note = (how: string) => ({ streamId, type }: { readonly streamId: string; readonly type: string }) => void heard.push(`${how}: ${streamId} ${type}`);
    const never = note('off');
    listener.on('task.created', note('name')).on('orchestration.task.blocked', note('alias')).on('task.*', note('glob')).on('sprint.created', note('none')).on('*', never).off('*', never);
    await listener.start();
    await expect(listener.start()).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'listening' } });
    await store.saveEvent(task('T-1', 'task.created', { task_code: 'T-1' }));
    await store.saveEvent(task('T-1', 'task.blocked', { reason: 'waits' }));
    await handled(listener, 3);
    await listener.stop();
    await store.saveEvent(task('T-2', 'task.created', { task_code: 'T-2' }));
    expect(heard).toEqual(['name: T-1 task.created', 'glob: T-1 task.created', 'alias: T-1 task.blocked', 'glob: T-1 task.blocked']);
    // It goes on where it was.
    await listener.start();
    await handled(listener, 4);
    expect(heard.slice(4)).toEqual(['name: T-2 task.created', 'glob: T-2 task.created']);
  });

  test('one event is handled after the other, and a stop waits for the handler at work', async () => {
    const { store } = openRecipeStore(engine);
    for (const id of ['a', 'b']) await store.saveEvent(task(id, 'task.created', { task_code: id }));
    const heard: string[] = [];
    const listener = listening(store, { afterPosition: 0 });
    const first = Promise.withResolvers<void>();
    listener.on('*', async ({ streamId }) => {
      heard.push(`begun ${streamId}`);
      first.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      heard.push(`done ${streamId}`);
    });
    await listener.start();
    await first.promise;
    await listener.stop();
    expect(heard).toEqual(['begun a', 'done a']);
    expect(listener.position).toBe(1);
  });

  test('a handler that throws is told to onError and the listener goes on; without it the listener ends, and stop says why', async () => {
    const { store } = openRecipeStore(engine);
    for (const id of ['a', 'b']) await store.saveEvent(task(id, 'task.created', { task_code: id }));
    const failures: string[] = [];
    const fails = ({ streamId }: { readonly streamId: string }): void => {
      throw new Error(`not ${streamId}`);
    };
    const patient = listening(store, { afterPosition: 0, onError: (error, event) => void failures.push(`${event.position}: ${(error as Error).message}`) }).on('*', fails);
    await patient.start();
    await handled(patient, 2);
    expect(failures).toEqual(['1: not a', '2: not b']);
    const failing = Promise.withResolvers<void>();
    const strict = listening(store, { afterPosition: 0 }).on('*', (event) => {
      failing.resolve();
      fails(event);
    });
    await strict.start();
    await failing.promise;
    await expect(strict.stop()).rejects.toThrow('not a');
    expect(strict.position).toBe(0);
  });

  test('only what its filter asks for comes', async () => {
    const { store } = openRecipeStore(engine);
    const listener = listening(store, { afterPosition: 0, filter: { sessionId: 's-1' } });
    const heard: string[] = [];
    listener.on('*', ({ streamId }) => void heard.push(streamId));
    await store.saveEvents([{ ...task('a', 'task.created', { task_code: 'a' }), sessionId: 's-1' }, { ...task('b', 'task.created', { task_code: 'b' }), sessionId: 's-2' }, { ...task('c', 'task.created', { task_code: 'c' }), sessionId: 's-1' }]);
    await listener.start();
    await handled(listener, 3);
    expect(heard).toEqual(['a', 'c']);
  });
});
