/** What the driver relies on, read back from the server before anything is written (S24). */
import { LogError } from '@refold/core';
import type { Connections } from './connections.ts';

const versionMin = 130_000;

/**
 * @throws LogError BAD_CONFIG engine_version {found, needed}, encoding {found, needed}, durability {setting, found, needed};
 *         LOG_UNAVAILABLE read_only on a standby.
 */
export async function assertServer({ ask }: Pick<Connections, 'ask'>, options: { readonly durability: 'strict' | 'relaxed'; readonly readOnly: boolean }): Promise<void> {
  const [row = []] = await ask({
    text: `SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('server_encoding'), current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), pg_is_in_recovery()`,
  });
  const [version, versionText, encoding, fsync, fullPageWrites, synchronousCommit, isStandby] = row;
  if (Number(version) < versionMin) throw unfit('engine_version', 'PostgreSQL is too old', { found: versionText, needed: '13' }, 'Use PostgreSQL 13 or later.');
  if (encoding !== 'UTF8') throw unfit('encoding', 'the database does not keep UTF-8', { found: encoding, needed: 'UTF8' }, "Create the database with ENCODING 'UTF8'.");
  if (options.readOnly) return;
  if (isStandby === true) throw new LogError('LOG_UNAVAILABLE', 'the server is a standby', { details: { reason: 'read_only' }, hint: 'Connect to the primary server, or open the log with readOnly.' });
  if (options.durability === 'relaxed') return;
  for (const [setting, found] of [['fsync', fsync], ['full_page_writes', fullPageWrites]] as const) {
    if (found !== 'on') throw unfit('durability', `${setting} is ${String(found)}, so acknowledged events may be lost in a power cut`, { setting, found, needed: 'on' }, `Set ${setting} = on at the server, or open the log with durability: relaxed.`);
  }
  if (synchronousCommit === 'off') throw unfit('durability', 'commits are acknowledged before they are on disk', { setting: 'synchronous_commit', found: synchronousCommit, needed: 'on' }, 'Let the role keep synchronous_commit = on.');
}

const unfit = (reason: string, message: string, details: object, hint: string): LogError => new LogError('BAD_CONFIG', message, { details: { reason, ...details }, hint });
