import { describe, expect, it } from 'vitest';
import { debug } from '../../test/debug-world.ts';
import { history } from '../../test/voyage.ts';
import { createDebugSessions } from './session.ts';
import type { DebugSessionsOptions } from './session.ts';

const voyage = history(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed'], ['note.added', { text: 'a' }]);

function world(options: Partial<DebugSessionsOptions> = {}) {
  let [now, ids] = [0, 0];
  const sessions = createDebugSessions({ clock: { now: () => now }, ids: { uuid: () => String(++ids) }, ...options });
  const open = () => sessions.open((id) => debug(voyage, { id }));
  return { sessions, open, pass: (ms: number) => void (now += ms) };
}

describe('debug sessions', () => {
  it('B-058 are independent: each has its own place, breakpoints and end', async () => {
    const { sessions, open } = world();
    const [one, two] = [await open(), await open()];
    expect([one.id, two.id]).toEqual(['ds_1', 'ds_2']);
    await one.start();
    await two.start();
    two.addBreakpoint({ eventType: 'note.added' });
    await Promise.all([one.resume(), two.resume()]);
    expect(sessions.list()).toMatchObject([{ id: 'ds_1', state: 'completed', revision: 3 }, { id: 'ds_2', state: 'paused', revision: 3, streamType: 'voyage' }]);
    one.stop();
    expect(sessions.get('ds_2').state).toBe('paused');
  });

  it('expire when nobody uses them, and not while somebody does', async () => {
    const { sessions, open, pass } = world({ idleMs: 100 });
    const [one, two] = [await open(), await open()];
    pass(60);
    sessions.get(two.id);
    pass(60);
    expect(() => sessions.get(one.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND', details: expect.objectContaining({ reason: 'debug_session' }) }));
    expect(one.state).toBe('stopped');
    expect(sessions.list().map(({ id }) => id)).toEqual([two.id]);
    pass(100);
    expect(sessions.expire()).toEqual([two.id]);
  });

  it('are bounded in number; a stopped one makes room, and closing one does', async () => {
    const { sessions, open } = world({ sessionsMax: 2 });
    const [one, two] = [await open(), await open()];
    await expect(open()).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { reason: 'debug_sessions', limit: 2 } });
    one.stop();
    const three = await open();
    expect(sessions.list().map(({ id }) => id)).toEqual([two.id, three.id]);
    sessions.close(two.id);
    expect(two.state).toBe('stopped');
    await open();
    expect(() => sessions.close(two.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('that cannot be opened take no room', async () => {
    const { sessions, open } = world({ sessionsMax: 1 });
    await expect(sessions.open(() => Promise.reject(new Error('no such stream')))).rejects.toThrow('no such stream');
    expect((await open()).state).toBe('idle');
  });
});
