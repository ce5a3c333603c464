/** Refold over HTTP, in browsers and in Node. The spool on disk is an entry of its own: `@refold/client/spool`. */
export { createClient } from './create-client.ts';
export type { CallName, CallOptions, Client, ClientOptions, ClientParts, InputOf, ItemOf, OutputOf, StreamName } from './create-client.ts';
export type { Operations } from './contract/operations.ts';
export { createGraphQLClient } from './graphql/client.ts';
export type { AskOptions, GraphQLClient, SubscribeOptions, Variables } from './graphql/client.ts';
export { defaultClientLimits } from './limits.ts';
export type { ClientLimits } from './limits.ts';
export type { FollowOptions, FollowState } from './follow.ts';
export { LogError, errorCodes, isLogError } from '@refold/core';
export type { Actor, AppendReceipt, ErrorCode, ErrorDetails, EventEnvelope, EventInput, Json, JsonObject } from '@refold/core';
