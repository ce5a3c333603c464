/** Going on after a position of another log, or one that the log does not have: refused at every door, with where to go on (bad-input I7). */
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { wsClient } from './graphql-client.ts';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: {} };
const started = async (): Promise<World> => {
  const world = await startWorld();
  await world.post('/api/v1/events', [note, { ...note, type: 'job.created', streamType: 'job', streamId: '42' }]);
  return world;
};

/** The status and headers of a stream that is left at once; the body of a refusal. */
async function open(world: World, path: string, headers: Record<string, string> = {}): Promise<{ readonly status: number; readonly epoch: string | null; readonly body: unknown }> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const response = await fetch(world.server.url + path, { headers, signal: stop.signal });
  const body: unknown = response.ok ? null : await response.json();
  return { status: response.status, epoch: response.headers.get('refold-epoch'), body };
}

const rolledBack = (reason: string, epoch: string): object => ({ code: 'LOG_ROLLED_BACK', details: { reason, cursor: 2, epoch } });

describe('bad-input I7: over REST', () => {
  for (const path of ['/events/stream', '/jobs/42/stream', '/jobs/42/logs/stream', '/streams/custom/n1/state/stream', '/export'])
    test(`${path} tells its epoch, goes on with it, and refuses another one and a place that there is not`, async () => {
      const world = await started();
      const { epoch } = await world.log.head();
      const at = `/api/v1${path}`;
      expect(await open(world, `${at}?afterPosition=1&epoch=${epoch}`)).toMatchObject({ status: 200, epoch });
      expect((await open(world, `${at}?afterPosition=2`)).status).toBe(200);
      expect(await open(world, `${at}?afterPosition=1&epoch=before-the-restore`)).toMatchObject({ status: 503, body: rolledBack('epoch', epoch) });
      expect(await open(world, `${at}?afterPosition=3`)).toMatchObject({ status: 503, body: rolledBack('position', epoch) });
      expect(await open(world, at, { 'last-event-id': '9' })).toMatchObject({ status: 503, body: rolledBack('position', epoch) });
    });
});

describe('bad-input I7: over GraphQL', () => {
  const query = 'subscription { eventAppended { id } }';

  test('over a socket: the acknowledgement tells the epoch; a subscription that goes on in another log is refused', async () => {
    const world = await started();
    const { epoch } = await world.log.head();
    const socket = new WebSocket(`${world.server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    onTestFinished(() => socket.terminate());
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    const acknowledged = await new Promise<string>((resolve) => socket.once('message', (bytes: Buffer) => resolve(bytes.toString())));
    expect(JSON.parse(acknowledged)).toEqual({ type: 'connection_ack', payload: { epoch } });

    const first = async (extensions: Record<string, unknown>): Promise<unknown> => {
      const answers = wsClient(world.server.url).iterate({ query, extensions });
      const told = await answers.next().then(({ value }): unknown => value, (error: unknown) => ({ errors: error }));
      return told;
    };
    expect(await first({ afterPosition: 1, epoch })).toMatchObject({ data: { eventAppended: {} }, extensions: { position: 2 } });
    expect(await first({ afterPosition: 1, epoch: 'before-the-restore' })).toMatchObject({ errors: [{ extensions: rolledBack('epoch', epoch) }] });
    expect(await first({ afterPosition: 7 })).toMatchObject({ errors: [{ extensions: rolledBack('position', epoch) }] });
  });

  test('over SSE: a header tells it', async () => {
    const world = await started();
    const { epoch } = await world.log.head();
    const ask = async (extensions: object): Promise<{ readonly epoch: string | null; readonly text: string }> => {
      const stop = new AbortController();
      onTestFinished(() => stop.abort());
      const response = await fetch(`${world.server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/event-stream' }, body: JSON.stringify({ query, extensions }), signal: stop.signal });
      const chunks = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!text.includes('event: next')) text += (await chunks.read()).value ?? '';
      return { epoch: response.headers.get('refold-epoch'), text };
    };
    expect(await ask({ afterPosition: 1, epoch })).toMatchObject({ epoch, text: expect.stringContaining('id: 2') });
    expect((await ask({ afterPosition: 1, epoch: 'before-the-restore' })).text).toContain('LOG_ROLLED_BACK');
  });

  test('an epoch that is no text is refused', async () => {
    const world = await started();
    expect(await world.post('/graphql', { query: '{ health { status } }', extensions: { epoch: 7 } })).toMatchObject({ status: 400 });
  });
});
