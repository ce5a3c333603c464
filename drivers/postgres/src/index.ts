export { openPostgresLog } from './driver.ts';
export type { PostgresLog, PostgresLogOptions } from './driver.ts';
