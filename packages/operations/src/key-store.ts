/**
 * Where API keys live: in the log's key-value side, each under its own name, changed by compare-and-set. They are no events:
 * a hash of a credential in an immutable history could never be removed (decision 0015).
 */
import { LogError, decodeUtf8, encodeUtf8 } from '@refold/core';
import type { Actor, Log } from '@refold/core';
import type { GrantedScope, Role } from './access.ts';

export interface ApiKey {
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** Who acts when it is used. */
  readonly actor: Actor;
  readonly role: Role;
  readonly scopes: readonly GrantedScope[];
  /** How the addresses of its streams begin; null: any stream. */
  readonly streamPrefix: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  /** Id of the key that took its place. */
  readonly replacedBy: string | null;
}

export interface StoredApiKey extends ApiKey {
  /** SHA-256 of the whole key, in hex. */
  readonly hash: string;
}

type KeyLog = Pick<Log, 'driver' | 'ports'>;

const prefix = 'auth/key/';
const pageSize = 100;
/** Two writers meet rarely, and one of them may be the note of its last use. */
const attemptsMax = 10;
const lastUsedResolutionMs = 60_000;

export async function findApiKey({ driver }: Pick<Log, 'driver'>, id: string): Promise<StoredApiKey | null> {
  const stored = await driver.kvGet(prefix + id);
  return stored === null ? null : readKey(stored.value);
}

export async function storeApiKey({ driver }: Pick<Log, 'driver'>, key: StoredApiKey): Promise<void> {
  if ((await driver.kvPut(prefix + key.id, encodeUtf8(JSON.stringify(key)), 'absent')) === 'conflict') throw new LogError('DUPLICATE_ID', `There is a key ${key.id} already.`, { details: { reason: 'key' }, hint: 'Try again.' });
}

export async function apiKeys({ driver }: Pick<Log, 'driver'>): Promise<readonly StoredApiKey[]> {
  const found: StoredApiKey[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await driver.kvList(prefix, after, pageSize);
    for (const { key } of page) {
      const stored = await driver.kvGet(key);
      if (stored !== null) found.push(readKey(stored.value));
    }
    if (page.length < pageSize) return found;
    after = page.at(-1)!.key;
  }
}

/** @throws LogError NOT_FOUND `key`. */
export async function changeApiKey({ driver }: Pick<Log, 'driver'>, id: string, change: (key: StoredApiKey) => StoredApiKey): Promise<StoredApiKey> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const stored = await driver.kvGet(prefix + id);
    if (stored === null) throw new LogError('NOT_FOUND', `There is no key ${id}.`, { details: { reason: 'key', id }, hint: 'List the keys.' });
    const changed = change(readKey(stored.value));
    if ((await driver.kvPut(prefix + id, encodeUtf8(JSON.stringify(changed)), stored.rev)) !== 'conflict') return changed;
  }
  throw new LogError('LOG_UNAVAILABLE', `The key ${id} is being changed by others.`, { details: { reason: 'busy' }, hint: 'Try again.' });
}

/** Notes that a key was used; at most once a minute, and never at the cost of the call it was used for. */
export async function noteUseOfApiKey(log: KeyLog, { id, lastUsedAt }: ApiKey): Promise<void> {
  const now = log.ports.clock.now();
  if (lastUsedAt !== null && now - Date.parse(lastUsedAt) < lastUsedResolutionMs) return;
  await changeApiKey(log, id, (key) => ({ ...key, lastUsedAt: new Date(now).toISOString() })).catch((error: unknown) => {
    // A read-only or full store still answers questions.
    if (!(error instanceof LogError)) throw error;
  });
}

export const isUsable = ({ expiresAt, revokedAt }: ApiKey, nowMs: number): boolean => revokedAt === null && nowMs < Date.parse(expiresAt);

// Written by this file alone.
const readKey = (value: Uint8Array): StoredApiKey => JSON.parse(decodeUtf8(value)) as StoredApiKey;
