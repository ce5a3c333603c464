/**
 * Who this log is, for ever: its origin (the name inside every leaf) and the keys that are derived for it. Made once, at the
 * first open, and kept in the log's own key-value space; two processes that open a new log at once agree by compare-and-set.
 */
import { decodeUtf8, encodeUtf8, hexOf } from './bytes.ts';
import type { LogDriver } from './driver.ts';
import type { Ports } from '../ports.ts';

export interface LogIdentity {
  /** Names the log in leaves and tree heads, for example `refold.local/<uuid>` or `audit.acme.example/prod`. */
  readonly origin: string;
  /** 32 bytes: recognises the same masked secret within this log, reveals nothing outside it. */
  readonly redactionKey: Uint8Array;
  /** 32 bytes: signs page cursors so that a cursor of another query or log is refused. */
  readonly cursorKey: Uint8Array;
  /** 32 bytes: turns names of people into pseudonyms in leaves and tags. */
  readonly actorKey: Uint8Array;
}

/** Where it stands among the values of a log. */
export const identityKey = 'log/identity';

/**
 * Reads the identity, making it when the log is new.
 *
 * @param origin  Name for a new log; ignored when the log has one already.
 */
export async function loadIdentity(driver: LogDriver, ports: Ports, origin?: string): Promise<LogIdentity> {
  const stored = await driver.kvGet(identityKey);
  if (stored !== null) return parseIdentity(stored.value);
  const fresh = JSON.stringify({
    origin: origin ?? `refold.local/${ports.ids.uuid()}`,
    redactionKey: hexOf(ports.randomness.bytes(32)),
    cursorKey: hexOf(ports.randomness.bytes(32)),
    actorKey: hexOf(ports.randomness.bytes(32)),
  });
  await driver.kvPut(identityKey, encodeUtf8(fresh), 'absent');
  const settled = await driver.kvGet(identityKey);
  if (settled === null) throw new Error('The identity that was just written is not there.');
  return parseIdentity(settled.value);
}

export function parseIdentity(bytes: Uint8Array): LogIdentity {
  const { origin, redactionKey, cursorKey, actorKey } = JSON.parse(decodeUtf8(bytes)) as { [field in keyof LogIdentity]: string };
  return { origin, redactionKey: fromHex(redactionKey), cursorKey: fromHex(cursorKey), actorKey: fromHex(actorKey) };
}

const fromHex = (hex: string): Uint8Array => Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
