/** What no single key can tell: rules between keys (TRUST.md, sections 10 and 12). */
import { LogError } from '@refold/core';
import type { ErrorCode } from '@refold/core';
import type { Config } from './schema.ts';

/** At least six months for a high-risk log: EU AI Act, articles 19(1) and 26(6). */
const legalMinimumDays = 183;

/** @throws LogError BAD_CONFIG `p0_delete`, `below_legal_minimum`, `order`, `durability`; INSECURE_BIND. */
export function checkConfig({ event_sourcing: config }: Config): void {
  checkRetention(config.cleanup);
  checkDurability(config.storage);
  // What stands in front of a server is said where it is started, too; who starts it asks for the rest.
  if (config.auth.mode === 'none') checkBind(config.server.host, { mode: 'none', isBehindProxy: config.server.behind_proxy, hasTls: false });
}

function checkRetention({ retention, eu_ai_act: law, ...general }: Config['event_sourcing']['cleanup']): void {
  if (retention.P0.delete_after_days !== null)
    throw refuse('BAD_CONFIG', 'p0_delete', 'Events of priority P0 are kept for ever.', 'Remove cleanup.retention.P0.delete_after_days.', { found: retention.P0.delete_after_days });
  for (const [name, { archive_after_days: archive, delete_after_days: drop }] of [...Object.entries(retention), ['cleanup', general] as const]) {
    if (archive !== null && drop !== null && archive >= drop)
      throw refuse('BAD_CONFIG', 'order', `${name}: what is deleted after ${drop} days cannot be archived after ${archive}.`, 'Archive first, delete later.', { archive, delete: drop });
    if (law === 'high-risk' && drop !== null && drop < legalMinimumDays)
      throw refuse('BAD_CONFIG', 'below_legal_minimum', `${name}: a high-risk log is kept for at least ${legalMinimumDays} days.`, `Set delete_after_days to ${legalMinimumDays} or more.`, { found: drop, needed: legalMinimumDays });
  }
}

function checkDurability({ durability, sqlite, fsync }: Config['event_sourcing']['storage']): void {
  if (durability !== 'strict') return;
  const found = { setting: 'storage.sqlite.synchronous', found: sqlite.synchronous, needed: 'FULL' };
  if (sqlite.synchronous !== 'FULL' && sqlite.synchronous !== 'EXTRA')
    throw refuse('BAD_CONFIG', 'durability', `synchronous=${sqlite.synchronous} loses acknowledged events in a power cut.`, 'Set FULL, or say durability: relaxed.', found);
  if (fsync === 'interval')
    throw refuse('BAD_CONFIG', 'durability', 'fsync: interval loses acknowledged events in a power cut.', 'Set batch or always, or say durability: relaxed.', { setting: 'storage.fsync', found: fsync, needed: 'batch' });
}

/** @throws LogError INSECURE_BIND when the log would be open to other machines without sign-in, or without TLS. */
export function checkBind(host: string, { mode, isBehindProxy, hasTls }: { readonly mode: 'none' | 'token' | 'jwt'; readonly isBehindProxy: boolean; readonly hasTls: boolean }): void {
  if (mode === 'none' && (isBehindProxy || !isLoopback(host)))
    throw refuse('INSECURE_BIND', 'no_auth', `${isBehindProxy ? 'A server behind a proxy' : host} can be reached from other machines, and nobody has to sign in.`, 'Listen on 127.0.0.1, or turn sign-in on.', { host });
  if (isLoopback(host) || isBehindProxy || hasTls) return;
  throw refuse('INSECURE_BIND', 'no_tls', `${host} can be reached from other machines, and what they say could be overheard.`, 'Give it a certificate (--tls-cert, --tls-key), put a proxy with TLS in front of it and say --behind-proxy, or listen on 127.0.0.1.', { host });
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);

const refuse = (code: ErrorCode, reason: string, message: string, hint: string, details: Record<string, unknown>): LogError => new LogError(code, message, { details: { reason, ...details }, hint });
