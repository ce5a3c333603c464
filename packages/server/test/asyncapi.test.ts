/** What the server says by itself, as AsyncAPI: valid by the standard's own schema, complete, and true of what is sent. */
import specs from '@asyncapi/specs';
import { followDebugSession, followJob, isStream, operations } from '@refold/operations';
import { Ajv } from 'ajv';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { asyncApiDocument } from '../src/asyncapi.ts';
import { createChannels } from '../src/ws/channels.ts';
import { connectTo } from './channel-client.ts';
import { startWorld } from './server-world.ts';

const channels = createChannels(operations).forms;
const document = asyncApiDocument({ operations, channels, channelsPath: '/ws', basePath: '/api/v1', version: '0.1.0' });
const addressesOf = (family: string): readonly unknown[] => Object.entries(document.channels).flatMap(([key, { address }]) => (key.startsWith(family) ? [address] : []));

/** What is wrong with a message, by the document. */
const messages = new Ajv({ strict: false, validateFormats: false, allErrors: true }).addSchema({ $id: 'refold', ...document });
function faultsOf(channel: string, message: string, sent: unknown): unknown {
  const fits = messages.getSchema(`refold#/channels/${channel}/messages/${message}/payload`)!;
  return [message, fits(sent) === true ? [] : fits.errors];
}

describe('/asyncapi.json', () => {
  test('D-106, X-017: the server answers it, at the root and below the base path', async () => {
    const world = await startWorld();
    for (const path of ['/asyncapi.json', '/api/v1/asyncapi.json']) {
      const { status, body, headers } = await world.call(path);
      expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
      expect(body).toEqual(JSON.parse(JSON.stringify(document)));
    }
  });

  test('D-106, X-017: it is AsyncAPI 3.0 by the schema of the standard', () => {
    const isValid = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile({ ...specs.schemasWithoutId['3.0.0'] } as object);
    expect(isValid(document) ? [] : isValid.errors).toEqual([]);
    expect(isValid({ ...document, operations: { lost: { action: 'shout' } } })).toBe(false);
  });

  test('it holds every channel of the socket, every stream over HTTP and every subscription, and none besides', async () => {
    const world = await startWorld();
    const { text } = await world.call('/schema.graphql');
    const subscriptions = Object.keys(buildSchema(text).getSubscriptionType()!.getFields());
    const streams = operations.filter(isStream).flatMap(({ http }) => (http === undefined || http.isFile === true ? [] : [`/api/v1${http.path}`]));
    expect(addressesOf('events.')).toEqual(streams);
    expect(Object.keys(document.channels).filter((key) => key.startsWith('graphql.'))).toEqual(subscriptions.map((name) => `graphql.${name}`));
    const others = Object.entries(document.channels).filter(([key]) => !/^(?:events|graphql)\./.test(key));
    expect(others.map(([, { address }]) => address)).toEqual(['/ws', ...channels.map(({ form }) => form)]);
    // A subscription asks for what its operation asks for.
    expect([document.operations['send.graphql.debugSessionUpdated']!['x-scope'], document.operations['send.graphql.jobStatusUpdated']!['x-scope']]).toEqual([followDebugSession.scope, followJob.scope]);
    expect(Object.keys(document.operations)).toHaveLength(Object.keys(document.channels).length);
  });

  test('every reference leads somewhere, and every component is referred to', () => {
    const references = new Set([...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!));
    for (const reference of references) {
      const found = reference.split('/').slice(1).reduce<unknown>((value, key) => (value as { readonly [key: string]: unknown } | undefined)?.[key], document);
      expect([reference, typeof found]).toEqual([reference, 'object']);
    }
    for (const name of Object.keys(document.components.schemas)) expect(references).toContain(`#/components/schemas/${name}`);
  });

  test('a server without the socket describes none', async () => {
    const world = await startWorld({ channels: false });
    const { body } = await world.call('/asyncapi.json');
    expect(Object.keys(body.channels).filter((key) => !/^(?:events|graphql)\./.test(key))).toEqual([]);
  });

  test('what is said on a socket is what it describes', async () => {
    const world = await startWorld();
    await world.post('/api/v1/events', { type: 'job.created', streamType: 'job', streamId: 'j1', actor: { type: 'user', id: 'ada' }, data: { name: 'deploy' } });
    const client = await connectTo(world);
    const told = async (op: string): Promise<unknown> => {
      for (;;) {
        const message = await client.next();
        if (message.op === op) return message;
      }
    };
    const say = (message: { readonly op: string }): void => {
      expect(faultsOf('socket', message.op, message)).toEqual([message.op, []]);
      client.say(message);
    };
    const asked = { op: 'subscribe', channel: 'job.j1', afterPosition: 0, filter: {} };
    say(asked);
    for (const op of ['subscribed', 'missed'] as const) expect(faultsOf('socket', op, await told(op))).toEqual([op, []]);
    expect(faultsOf('job.id', 'update', await told('update'))).toEqual(['update', []]);
    say({ op: 'unsubscribe', id: 'job.j1' } as { op: string });
    expect(faultsOf('socket', 'unsubscribed', await told('unsubscribed'))).toEqual(['unsubscribed', []]);
    say({ ...asked, channel: 'orchestration.job.*' } as { op: string });
    const event = await told('event');
    expect(faultsOf('orchestration.type.all', 'event', event)).toEqual(['event', []]);
    expect(faultsOf('orchestration.type.all', 'event', { ...(event as object), event: { type: 7 } })).not.toEqual(['event', []]);
    for (const [op, answer] of [['ping', 'pong'], ['auth', 'authenticated']] as const) {
      say({ op, ...(op === 'auth' ? { token: 'any' } : {}) });
      expect(faultsOf('socket', answer, await told(answer))).toEqual([answer, []]);
    }
    say({ op: 'follow', id: 'f', operation: 'followJob', input: { id: 'j1' }, afterPosition: 0 } as { op: string });
    const update = (await told('update')) as { readonly update: unknown };
    expect([faultsOf('socket', 'update', update), faultsOf('events.followJob', 'item', update.update)]).toEqual([['update', []], ['item', []]]);
    client.say({ op: 'subscribe', channel: 'nothing' });
    expect(faultsOf('socket', 'error', await told('error'))).toEqual(['error', []]);
    client.say({ op: 'subscribe', channel: 'issue.A-1', afterPosition: 99 });
    expect(faultsOf('socket', 'error', await told('error'))).toEqual(['error', []]);
  });

  test('what comes as a server-sent event is what it describes', async () => {
    const world = await startWorld();
    await world.post('/api/v1/events', { type: 'job.created', streamType: 'job', streamId: 'j1', actor: { type: 'user', id: 'ada' }, data: { name: 'deploy' } });
    const stop = new AbortController();
    const { body } = await fetch(`${world.server.url}/api/v1/events/stream?fromStart=true`, { signal: stop.signal });
    let text = '';
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) if (/^data: .*\n/m.test((text += chunk))) break;
    stop.abort();
    expect(faultsOf('events.tailEvents', 'item', JSON.parse(/^data: (.*)$/m.exec(text)![1]!))).toEqual(['item', []]);
  });
});
