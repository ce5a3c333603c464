/**
 * The audit log: a second log beside the first, of the same engine and with its own tree, in which this process says who came in
 * and which watched rights were used. Nobody can turn it off where a store is opened, and it is opened when it has something to
 * say. Source: TRUST.md section 10.2.
 */
import { LogError, canonicalText, codeOf, createMemorySearch, encodeUtf8, hexOf } from '@refold/core';
import type { Actor, JsonObject, Log, SearchIndex } from '@refold/core';

export interface AuditTrail {
  /** Opens the log that it is kept in. */
  opened(): Promise<{ readonly log: Log; readonly search: SearchIndex }>;
  /** Resolves when it is on record. @throws what the log throws. */
  record(type: AccessType, actor: Actor, data: JsonObject): Promise<void>;
  /** The same, of what may happen as often as a stranger likes: few of one kind and source in a minute, the others as a number. */
  recordSome(type: AccessType, actor: Actor, source: string, data: JsonObject): void;
  /** Says what was asked without saying it. */
  digestOf(input: unknown): Promise<string>;
  /** When something that may not be lost was last lost; null: never. */
  lastFailureAtMs(): number | null;
  /** Waits for what is under way, and closes what was opened. */
  close(): Promise<void>;
}

export type AccessType = 'access.signed_in' | 'access.sign_in_failed' | 'access.denied' | 'access.used' | 'access.use_failed';

const windowMs = 60_000;
/** So many of one kind and source are recorded one by one in a minute; and so many sources are remembered. */
const recordedPerMinute = 10;
const sourcesMax = 10_000;

export function createAuditTrail(open: () => Promise<Log>, now: () => number): AuditTrail {
  const windows = new Map<string, { readonly until: number; seen: number; leftOut: number }>();
  const underWay = new Set<Promise<void>>();
  let opening: Promise<{ readonly log: Log; readonly search: SearchIndex }> | null = null;
  let failedAtMs: number | null = null;

  /** A log that could not be opened is tried again by the next who has something to say. */
  const opened: AuditTrail['opened'] = () => {
    opening ??= open().then((log) => ({ log, search: createMemorySearch() }));
    opening.catch(() => (opening = null));
    return opening;
  };

  function record(...words: Parameters<AuditTrail['record']>): Promise<void> {
    const writing: Promise<void> = write(...words).finally(() => underWay.delete(writing));
    underWay.add(writing);
    return writing;
  }

  async function write(type: AccessType, actor: Actor, data: JsonObject): Promise<void> {
    try {
      const { log } = await opened();
      await log.append({ events: [{ type, streamType: 'access', streamId: new Date(now()).toISOString().slice(0, 10), actor, data }], sanitize: true });
    } catch (error) {
      failedAtMs = now();
      throw error;
    }
  }

  function windowOf(name: string): { seen: number; leftOut: number } {
    const known = windows.get(name);
    if (known !== undefined && known.until > now()) return known;
    windows.delete(name);
    if (windows.size >= sourcesMax) windows.delete(windows.keys().next().value!);
    const fresh = { until: now() + windowMs, seen: 0, leftOut: known?.leftOut ?? 0 };
    windows.set(name, fresh);
    return fresh;
  }

  return {
    opened,
    record,
    recordSome(type, actor, source, data) {
      const window = windowOf(`${type} ${source}`);
      if (++window.seen > recordedPerMinute) return void (window.leftOut += 1);
      const leftOut = window.leftOut;
      window.leftOut = 0;
      // The caller has his answer; whether it is on record shows in health.
      record(type, actor, leftOut === 0 ? data : { ...data, left_out: leftOut }).catch(() => undefined);
    },
    async digestOf(input) {
      const { log } = await opened();
      return hexOf(log.ports.hasher.hmacSha256(log.identity.redactionKey, encodeUtf8(canonicalText(input ?? null, { sanitize: true })))).slice(0, 32);
    },
    lastFailureAtMs: () => failedAtMs,
    async close() {
      await Promise.allSettled(underWay);
      await (await opening?.catch(() => null))?.log.close();
    },
  };
}

const trails = new WeakMap<Log, AuditTrail>();

/** From now on what is done with a log is on record there. */
export const keepAudit = (log: Log, trail: AuditTrail): void => void trails.set(log, trail);
/** null: a log that was put together without one. */
export const auditOf = (log: Log): AuditTrail | null => trails.get(log) ?? null;

/** @throws LogError LOG_UNAVAILABLE `audit`. */
export async function orUnavailable(recording: Promise<void>): Promise<void> {
  await recording.catch((error: unknown) => {
    throw new LogError('LOG_UNAVAILABLE', 'The audit log cannot be written, and this may not be done unrecorded.', { details: { reason: 'audit', code: codeOf(error).code }, hint: 'See refold doctor, and the disk of the audit log.', cause: error });
  });
}
