/**
 * One connection that listens, for every log of this process in one database. It is made when somebody watches, made again when it breaks,
 * and ended when nobody watches any more. Notifications are hints: whoever needs to be sure looks at the head as well (watch.ts).
 */
import type { Client } from 'pg';

/** @param payload  What was notified; null when something may have been missed, and at the beginning. */
export type Hear = (payload: string | null) => void;

export interface Listener {
  listen(channel: string, hear: Hear): () => void;
  close(): void;
}

const reconnectMs = 250;
/** How long the connection is kept when nobody watches: a watch often follows a watch. */
const lingerMs = 5_000;

export function createListener(createClient: () => Client): Listener {
  const channels = new Map<string, Set<Hear>>();
  let client: Client | null = null;
  let isReady = false;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  let linger: NodeJS.Timeout | undefined;

  function connect(): void {
    if (client !== null || isClosed || channels.size === 0) return;
    const current = createClient();
    client = current;
    current.on('error', () => broken(current));
    current.on('end', () => broken(current));
    current.on('notification', ({ channel, payload }) => {
      for (const hear of channels.get(channel) ?? []) hear(payload ?? null);
    });
    current.connect().then(
      () => {
        if (client !== current) return;
        isReady = true;
        for (const channel of channels.keys()) subscribe(current, channel);
      },
      () => broken(current),
    );
  }

  /** Names of channels are our own: letters, digits and underscores. */
  function subscribe(current: Client, channel: string): void {
    current.query(`LISTEN ${channel}`).then(
      () => channels.get(channel)?.forEach((hear) => hear(null)),
      () => broken(current),
    );
  }

  function broken(current: Client): void {
    if (client !== current) return;
    drop();
    clearTimeout(retry);
    retry = setTimeout(connect, reconnectMs);
    retry.unref();
  }

  function drop(): void {
    const current = client;
    client = null;
    isReady = false;
    current?.end().catch(() => {});
  }

  return {
    listen(channel, hear) {
      clearTimeout(linger);
      const hearers = channels.get(channel) ?? new Set();
      const isNew = hearers.size === 0;
      channels.set(channel, hearers.add(hear));
      if (client === null) connect();
      else if (isNew && isReady) subscribe(client, channel);
      return () => {
        hearers.delete(hear);
        if (hearers.size > 0 || channels.get(channel) !== hearers) return;
        channels.delete(channel);
        if (client !== null && isReady) client.query(`UNLISTEN ${channel}`).catch(() => {});
        if (channels.size > 0) return;
        linger = setTimeout(drop, lingerMs);
        linger.unref();
      };
    },
    close() {
      isClosed = true;
      clearTimeout(retry);
      clearTimeout(linger);
      drop();
    },
  };
}
