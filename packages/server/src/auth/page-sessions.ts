/**
 * How a browser on this machine signs in: a link that works once within a minute, and a cookie that it is exchanged for. Both are
 * random, kept in memory under their hashes, and gone when the server ends.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '@refold/core';

export interface PageSessions {
  /** A code for one sign-in. */
  newCode(): string;
  /** Exchanges a code for a new session; null when it is unknown, used, or too old. */
  redeem(code: string): string | null;
  isOpen(session: string): boolean;
}

const codeLifeMs = 60_000;
const sessionLifeMs = 12 * 3_600_000;
const codesMax = 100;
const sessionsMax = 1_000;

export function createPageSessions(clock: Pick<Clock, 'now'>): PageSessions {
  const codes = createExpiringSet(clock, codeLifeMs, codesMax);
  const sessions = createExpiringSet(clock, sessionLifeMs, sessionsMax);
  return {
    newCode: () => codes.make(),
    redeem: (code) => (codes.has(code) && codes.remove(code) ? sessions.make() : null),
    isOpen: (session) => sessions.has(session),
  };
}

interface ExpiringSet {
  make(): string;
  has(secret: string): boolean;
  remove(secret: string): boolean;
}

/** Looked up by hash, so that the time of a look-up says nothing about the secret. */
function createExpiringSet(clock: Pick<Clock, 'now'>, lifeMs: number, most: number): ExpiringSet {
  const expiries = new Map<string, number>();
  const nameOf = (secret: string): string => hash('sha256', secret, 'base64url');
  return {
    make() {
      const secret = randomBytes(32).toString('base64url');
      if (expiries.size >= most) expiries.delete(expiries.keys().next().value!);
      expiries.set(nameOf(secret), clock.now() + lifeMs);
      return secret;
    },
    has: (secret) => (expiries.get(nameOf(secret)) ?? 0) > clock.now(),
    remove: (secret) => expiries.delete(nameOf(secret)),
  };
}
