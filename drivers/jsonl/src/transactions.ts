/** Begin, commit, roll back, prepared once. */
import type { Connection } from './database.ts';

export interface Transactions {
  begin(): void;
  commit(): void;
  /** Nothing when none is open. */
  rollback(): void;
}

export function createTransactions(db: Connection): Transactions {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  return {
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    rollback() {
      if (db.inTransaction) db.exec('ROLLBACK');
    },
  };
}
