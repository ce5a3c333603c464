import assert from 'node:assert/strict';
import Database from 'better-sqlite3';

/** The pages of the file, by the engine's own means. */
export function quickCheck(path: string): void {
  const db = new Database(path, { readonly: true });
  assert.equal(db.pragma('quick_check', { simple: true }), 'ok');
  db.close();
}
