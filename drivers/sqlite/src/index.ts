export { openSqliteLog } from './driver.ts';
export type { SqliteLog, SqliteLogOptions } from './driver.ts';
export { openSqliteSearch } from './search.ts';
export type { SqliteSearchOptions } from './search.ts';
export { backUpSqliteLog, restoreSqliteLog } from './backup.ts';
