/** Bounds of the HTTP door, the unit in the name. Source: TRUST.md section 11. The log's own bounds are in core's limits. */
export const defaultHttpLimits = {
  headerBytesMax: 16 * 1024,
  /** As received, and again after inflation. */
  bodyBytesMax: 8 * 1_048_576,
  /** From the headers to the last byte of the body. */
  bodyReadMs: 10_000,
  /** From the first byte of a request to its last. */
  requestMs: 30_000,
  /** How often it is looked whether a request takes too long to arrive. */
  connectionsCheckMs: 1_000,
  /** How long a connection may wait for its next request. */
  keepAliveMs: 72_000,
  socketsMax: 1_000,
  /** How long a connection beyond the cap may take to ask for something and be told so. */
  surplusSocketMs: 1_000,
  /** Smaller answers are sent as they are: little is gained, and a packet is a packet. */
  compressFromBytes: 1_024,
  /** A comment on a silent event stream, so that proxies and clients see that it lives. */
  heartbeatMs: 15_000,
  /** How long a stream stays open to a credential that is not valid any more. */
  credentialRecheckMs: 30_000,
  /** WebSockets open at once, of everybody and of one credential. */
  webSocketsMax: 500,
  webSocketsPerCredentialMax: 20,
  /** How long a WebSocket may take to say who it is. */
  webSocketInitMs: 3_000,
  webSocketFrameBytesMax: 64 * 1024,
  webSocketMessagesPerSecond: 20,
  webSocketSubscriptionsMax: 50,
  /** What waits in memory for a client that does not read; beyond it the client is told to come back and go on from a cursor. */
  webSocketBufferBytesMax: 1_048_576,
  /** How long one message may wait for a client that does not read. */
  webSocketStallMs: 10_000,
  /** A WebSocket that has not answered a ping by the next one is gone. */
  webSocketPingMs: 15_000,
  /** How long a client may take to close when the server does. */
  webSocketCloseMs: 1_000,
  /** How long answers under way may take when the server closes. */
  drainMs: 10_000,
} as const;

export type HttpLimits = { readonly [K in keyof typeof defaultHttpLimits]: number };
