/** The check in front of every operation, as every door meets it: whose scopes, which streams, in whose name. */
import { createApiKey, defineOperation, grantedScopes, idOfKeyText, isStream, nobody, operations, roles, runOperation, runStream } from '@refold/operations';
import type { AnyOperation, GrantedScope, OperationContext } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventOf, openWorld } from './world.ts';
import type { World } from './world.ts';

const ana = { type: 'user', id: 'ana' } as const;
const having = (...scopes: readonly GrantedScope[]): Partial<OperationContext> => ({ principal: ana, access: { scopes: new Set(scopes) } });

/** Nothing that is there. */
const eitherInputs: { readonly [operation: string]: object } = {
  replayEvents: { streamType: 'flight', streamId: '1' },
  restoreCheckpoint: { streamType: 'orchestration', streamId: 'PROJ-1', checkpointId: 'cp-1' },
  rerunJob: { id: '42' },
};

/** The code of the refusal; null where it was answered. Nothing that makes sense is asked. */
async function codeOf(world: World, operation: AnyOperation, context: Partial<OperationContext>, input: unknown = {}): Promise<string | null> {
  const stop = new AbortController();
  const whole = { ...world.context, ...context, signal: stop.signal };
  try {
    if (!isStream(operation)) await runOperation(operation, whole, input);
    else runStream(operation, whole, input);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    stop.abort();
  }
}

describe('every operation of the table', () => {
  test.each(operations)('$name: nobody, who lacks the scope, who has it, and a log without sign-in', async (operation) => {
    const world = await openWorld();
    const { scope, alsoNeeds } = operation;
    const enough = [scope, operation.dryRun?.scope];
    const asked = [];
    for (const context of [{ access: nobody }, having(...grantedScopes.filter((one) => !enough.includes(one)))]) asked.push(await codeOf(world, operation, context));
    if (scope !== 'none') expect(asked).toEqual(['UNAUTHENTICATED', 'FORBIDDEN']);
    for (const context of [scope === 'none' ? { access: nobody } : having(scope, ...(alsoNeeds === undefined ? [] : [alsoNeeds])), {}]) asked.push(await codeOf(world, operation, context));
    for (const code of asked.slice(scope === 'none' ? 0 : 2)) expect(['UNAUTHENTICATED', 'FORBIDDEN']).not.toContain(code);
  });

  test('is closed to who is held to his own streams, unless it says which streams it is about', () => {
    // Whoever adds to this list has made sure that the answer tells of no other stream.
    expect(operations.filter(({ streamsOf, scope }) => streamsOf !== undefined && scope !== 'none').map(({ name }) => name).toSorted()).toEqual(
      ['appendEvents', 'checkSchema', 'flips', 'followJob', 'followState', 'getEventType', 'getSchema', 'getStream', 'openAt', 'provenance', 'putBlob', 'stateAt', 'stateHistory', 'streamEvents', 'tailEvents'],
    );
  });
});

describe('an operation that can be looked at first', () => {
  const either = defineOperation({ name: 'either', doc: 'Asks or does.', scope: 'erase', kind: 'write', dryRun: { scope: 'read', isAsked: ({ does }) => !does }, input: z.object({ does: z.boolean() }), output: z.boolean(), run: async (_context, { does }) => does });

  test('is judged on what is asked; who may do it may look at it', async () => {
    const world = await openWorld();
    expect(await codeOf(world, either, having('read'), { does: false })).toBeNull();
    expect(await codeOf(world, either, having('read'), { does: true })).toBe('FORBIDDEN');
    for (const does of [true, false]) expect(await codeOf(world, either, having('erase'), { does })).toBeNull();
  });

  test('is judged after the input, and before it whether he may do either', async () => {
    const world = await openWorld();
    expect([await codeOf(world, either, having('read'), {}), await codeOf(world, either, having('append'), {})]).toEqual(['BAD_REQUEST', 'FORBIDDEN']);
  });

  test.each(operations.filter(({ dryRun }) => dryRun !== undefined))('$name: the dry run needs less, and that is not enough to do it', async (operation) => {
    const world = await openWorld();
    const { scope } = operation.dryRun!;
    if (scope === 'none') throw new Error('everybody may look');
    const asked = { ...eitherInputs[operation.name], dryRun: true };
    expect(['BAD_REQUEST', 'NOT_FOUND']).toContain(await codeOf(world, operation, having(scope), asked));
    expect(await codeOf(world, operation, having(scope), { ...asked, dryRun: false })).toBe('FORBIDDEN');
  });

  test('executing a replay needs more than planning it', async () => {
    const world = await openWorld();
    const replay = operations.find(({ name }) => name === 'replayEvents')!;
    expect(await codeOf(world, replay, having(...roles.auditor), { stream: 'flight/1', dryRun: false })).toBe('FORBIDDEN');
    expect(await codeOf(world, replay, having(...roles.auditor), { stream: 'flight/1', dryRun: true })).not.toBe('FORBIDDEN');
  });
});

describe('who acts in what an operation writes', () => {
  test('is the principal, and whom he names only with actor:override', async () => {
    const world = await openWorld();
    const append = operations.find(({ name }) => name === 'appendEvents')!;
    for (const context of [having('append'), having('append', 'actor:override'), {}]) expect(await codeOf(world, append, context, { events: [eventOf('note.added', 'flight/1')] })).toBeNull();
    const actors = [];
    for await (const { events } of world.log.events({})) for (const { actor, metadata } of events) actors.push([actor.id, (metadata['claimedActor'] as { id: string } | undefined)?.id]);
    expect(actors).toEqual([['ana', 'planner'], ['planner', undefined], ['planner', undefined]]);
  });
});

describe('the text of a key', () => {
  test('one letter more, less or other is no key', async () => {
    const world = await openWorld();
    const { hasher } = world.log.ports;
    const { key, info } = await world.call(createApiKey, { name: 'k', actor: ana, role: 'viewer' });
    expect(idOfKeyText(key, hasher)).toBe(info.id);
    const others = [...key].map((letter, at) => key.slice(0, at) + (letter === 'x' ? 'y' : 'x') + key.slice(at + 1));
    expect(others.filter((other) => idOfKeyText(other, hasher) !== null)).toEqual([]);
    for (const other of [`${key}0`, key.slice(0, -1), ` ${key}`, key.toUpperCase(), '']) expect(idOfKeyText(other, hasher)).toBeNull();
  });
});
