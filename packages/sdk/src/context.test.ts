import { afterEach, describe, expect, test, vi } from 'vitest';
import { currentContext, parseActor, withContext } from './context.ts';

afterEach(() => vi.unstubAllEnvs());

describe('The surroundings of a piece of work', () => {
  test('A-103 contexts nest, the inner one wins field by field, and each ends with its work', async () => {
    await withContext({ issueKey: 'PROJ-1', sessionId: 's-1' }, async () => {
      await withContext({ sessionId: 's-2', correlationId: 'c' }, async () => {
        await Promise.resolve();
        expect(currentContext()).toEqual({ issueKey: 'PROJ-1', sessionId: 's-2', correlationId: 'c' });
      });
      expect(currentContext()).toEqual({ issueKey: 'PROJ-1', sessionId: 's-1' });
    });
    expect(currentContext()).toEqual({});
  });

  test('K-071 the environment says what nobody else does', () => {
    vi.stubEnv('REFOLD_ISSUE_KEY', 'PROJ-9');
    vi.stubEnv('REFOLD_ACTOR', 'agent:planner:sonnet');
    expect(currentContext()).toEqual({ issueKey: 'PROJ-9', actor: { type: 'agent', id: 'planner', model: 'sonnet' } });
    expect(withContext({ issueKey: 'PROJ-1' }, currentContext)).toMatchObject({ issueKey: 'PROJ-1', actor: { id: 'planner' } });
  });

  test.each([
    ['user:ana', { type: 'user', id: 'ana' }],
    ['agent:planner:sonnet', { type: 'agent', id: 'planner', model: 'sonnet' }],
    ['cron', { type: 'service', id: 'cron' }],
    ['robot:r2', { type: 'unknown', id: 'r2' }],
  ])('%s is an actor', (text, actor) => {
    expect(parseActor(text)).toEqual(actor);
  });
});
