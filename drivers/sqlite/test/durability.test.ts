/** What the log promises about durability is what the engine was really set to. */
import { join } from 'node:path';
import { openSqliteLog } from '@refold/driver-sqlite';
import { temporaryFolder } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { assertEngineVersion } from '../src/connection.ts';

const folder = temporaryFolder();

describe('durability', () => {
  it('bad-input E13: strict refuses synchronous NORMAL and says what was found and what is needed', () => {
    expect(() => openSqliteLog({ path: join(folder, 'strict.db'), synchronous: 'normal' })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIG', details: { reason: 'durability', setting: 'synchronous', found: 'normal', needed: 'full' } }),
    );
  });

  it('relaxed takes NORMAL, and the capabilities no longer claim fsync', async () => {
    const log = openSqliteLog({ path: join(folder, 'relaxed.db'), synchronous: 'normal', durability: 'relaxed' });
    expect(log.capabilities.durability).toBe('interval');
    await log.close();
  });

  it('declares fsync by default', async () => {
    const log = openSqliteLog({ path: join(folder, 'default.db') });
    expect(log.capabilities.durability).toBe('fsync');
    await log.close();
  });

  it.each(['3.7.17', '3.50.4', '3.51.2', '2.99.99'])('refuses SQLite %s, which can damage a log that two connections use', (version) => {
    expect(() => assertEngineVersion(version)).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', details: { reason: 'engine_version', found: version, needed: '3.51.3' } }));
  });

  it.each(['3.51.3', '3.51.10', '3.54.1', '4.0.0'])('takes SQLite %s', (version) => {
    expect(() => assertEngineVersion(version)).not.toThrow();
  });

  it('refuses a path that would keep nothing', () => {
    for (const path of ['', ' ', ':memory:']) {
      expect(() => openSqliteLog({ path })).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', details: { reason: 'path' } }));
    }
  });
});
