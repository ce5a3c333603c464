/**
 * What a server says by itself, as AsyncAPI 3.0: the channels of the socket, server-sent events, GraphQL subscriptions. Made from the
 * tables that the doors are made from, as the OpenAPI document is from the operations; nothing is written twice.
 */
import { isStream } from '@refold/operations';
import type { AnyOperation } from '@refold/operations';
import { print } from 'graphql';
import type { FieldDefinitionNode } from 'graphql';
import { z } from 'zod';
import { graphqlPath } from './graphql/options.ts';
import { servedSubscriptions } from './graphql/schema.ts';
import { subscriptions } from './graphql/subscriptions.ts';
import type { JsonSchema } from './rest/input-shape.ts';
import { bearerScheme } from './rest/openapi.ts';
import { parseRoutePath } from './rest/route-path.ts';
import { createComponents } from './schema-components.ts';
import type { Components } from './schema-components.ts';
import { clientMessages } from './ws/client-message.ts';
import type { ChannelForm } from './ws/channels.ts';
import { itemMessage, serverMessages } from './ws/server-message.ts';

export interface AsyncApiOptions {
  readonly operations: readonly AnyOperation[];
  /** Of the socket at `channelsPath`; empty: there is no socket. */
  readonly channels: readonly ChannelForm[];
  readonly channelsPath: string;
  readonly basePath: string;
  readonly version: string;
}

interface Part {
  readonly channels: { readonly [key: string]: JsonSchema };
  readonly operations: { readonly [key: string]: JsonSchema };
}

export interface AsyncApiDocument extends Part {
  readonly asyncapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly defaultContentType: 'application/json';
  readonly components: { readonly schemas: { readonly [name: string]: JsonSchema }; readonly securitySchemes: { readonly [name: string]: JsonSchema } };
}

export function asyncApiDocument(options: AsyncApiOptions): AsyncApiDocument {
  // The schemas of AsyncAPI are draft 7 with more to it.
  const components = createComponents('draft-7');
  const parts = [...(options.channels.length === 0 ? [] : [socket(options, components), ...options.channels.map((form) => channel(form, components))]), ...events(options, components), ...servedSubscriptions().map(subscription)];
  return {
    asyncapi: '3.0.0',
    info: { title: 'Refold', version: options.version, description: 'What is appended to a Refold log, told as it is appended; each listener goes on after the position that it handled last.' },
    defaultContentType: 'application/json',
    channels: Object.assign({}, ...parts.map((part) => part.channels)) as Part['channels'],
    operations: Object.assign({}, ...parts.map((part) => part.operations)) as Part['operations'],
    components: { schemas: components.all(), securitySchemes: { token: bearerScheme } },
  };
}

const security = [{ $ref: '#/components/securitySchemes/token' }];

/** One channel, and that the server sends what is on it. */
function sent(key: string, scope: AnyOperation['scope'], channel: JsonSchema, operation: JsonSchema = {}): Part {
  return {
    channels: { [key]: channel },
    operations: { [`send.${key}`]: { action: 'send', channel: { $ref: `#/channels/${key}` }, ...(scope === 'none' ? {} : { security }), 'x-scope': scope, ...operation } },
  };
}

/** Parameters of an address, each of which AsyncAPI wants to see. */
const parametersIn = (address: string): JsonSchema => {
  const names = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return names.length === 0 ? {} : { parameters: Object.fromEntries(names.map((name) => [name, { description: `The ${name} that is listened to.` }])) };
};

/* ---- The socket and its channels ---- */

/** What is said on the connection itself, by both. */
function socket({ channelsPath }: AsyncApiOptions, components: Components): Part {
  const [asked, told] = [messagesOf(clientMessages, 'input', components), messagesOf({ ...serverMessages, ...followed }, 'output', components)];
  const refs = (names: object): readonly JsonSchema[] => Object.keys(names).map((name) => ({ $ref: `#/channels/socket/messages/${name}` }));
  const spelling = { type: 'object', properties: { naming: { type: 'string', enum: ['camel', 'snake'] }, dialect: { type: 'string' } } };
  return {
    channels: { socket: { address: channelsPath, description: 'One WebSocket connection; any number of the other channels are listened to over it.', messages: { ...asked, ...told }, bindings: { ws: { method: 'GET', query: spelling } } } },
    operations: { 'receive.socket': { action: 'receive', channel: { $ref: '#/channels/socket' }, messages: refs(asked), reply: { channel: { $ref: '#/channels/socket' }, messages: refs(told) }, security } },
  };
}

/** What comes of a `follow`, which names its operation. */
const followed = Object.fromEntries((['event', 'update'] as const).map((op) => [op, itemMessage(op, z.unknown()).describe('An item of what is followed: as in the channel events.{operation}.')]));

const messagesOf = (schemas: { readonly [name: string]: z.ZodType }, io: 'input' | 'output', components: Components): { readonly [name: string]: JsonSchema } =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, { summary: schema.description, payload: components.schemaOf(schema, io, name) }]));

function channel({ form, operation, item }: ChannelForm, components: Components): Part {
  return sent(form.replaceAll(/[{}]/g, '').replaceAll('*', 'all'), operation.scope, {
    address: form,
    description: `${operation.doc} A name for {"op":"subscribe"} on the socket.`,
    ...parametersIn(form),
    messages: { [item]: { payload: components.schemaOf(itemMessage(item, operation.output), 'output', operation.name) } },
  });
}

/* ---- Server-sent events ---- */

const events = ({ operations, basePath }: AsyncApiOptions, components: Components): readonly Part[] =>
  operations.filter(isStream).flatMap((operation) => {
    const { name, doc, scope, http, input, output } = operation;
    if (http === undefined || http.isFile === true) return [];
    const { template, parameters } = parseRoutePath(basePath + http.path);
    const { properties = {}, required = [], ...rest } = components.schemaOf(input, 'input', name) as JsonSchema & { readonly properties?: JsonSchema; readonly required?: readonly string[] };
    const isAsked = (parameter: string): boolean => !parameters.includes(parameter);
    const query = { ...rest, properties: Object.fromEntries(Object.entries(properties).filter(([parameter]) => isAsked(parameter))), required: required.filter(isAsked) };
    return sent(
      `events.${name}`,
      scope,
      { address: template, description: `${doc} Server-Sent Events: the data of each is one item, its id the place to go on from.`, ...parametersIn(template), messages: { item: { payload: components.schemaOf(output, 'output', name) } } },
      { bindings: { http: { method: http.method, query } } },
    );
  });

/* ---- GraphQL subscriptions ---- */

/** What an answer holds of the field is what the document selects. */
const subscription = (field: FieldDefinitionNode): Part => {
  const name = field.name.value;
  const answer = { type: 'object', properties: { data: { type: ['object', 'null'], properties: { [name]: {} } }, errors: { type: 'array', items: { type: 'object' } }, extensions: { type: 'object', properties: { position: { type: 'integer' } } } } };
  return sent(`graphql.${name}`, subscriptions[name]!.extensions.scope, { address: graphqlPath, description: `subscription ${print(field)}, over graphql-transport-ws or Server-Sent Events; the types are in /schema.graphql.`, messages: { next: { payload: answer } } });
};
