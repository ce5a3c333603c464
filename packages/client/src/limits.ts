/** Every default of the client, the unit in the name; `createClient({ limits })` overrides each. */
export const defaultClientLimits = {
  /** From sending one attempt to the last byte of its answer. Streams have no end, and so no such limit. */
  timeoutMs: 60_000,
  /** Attempts after the first; a stream that is followed is taken up again without end. */
  retriesMax: 5,
  /** Wait before the first of them; doubled each time up to the ceiling, and shortened by chance so that many clients do not come at once. */
  backoffMs: 100,
  backoffMsMax: 10_000,
  /** What a server may ask to wait (Retry-After); who asks for more is not waited for. */
  retryAfterMsMax: 60_000,
  /** A stream that says nothing for so long is dead: a server says something every 15 s. */
  silenceMsMax: 45_000,
  /** Items of one stream over a socket that nobody has read yet; beyond them the stream begins again after what was read. */
  unreadItemsMax: 10_000,
} as const;

export type ClientLimits = { readonly [K in keyof typeof defaultClientLimits]: number };
