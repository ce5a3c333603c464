export { openJsonlLog } from './driver.ts';
export type { JsonlLog, JsonlLogOptions } from './driver.ts';
export { lockWriter } from './lock.ts';
export type { WriterLock } from './lock.ts';
export { backUpJsonlLog, restoreJsonlLog } from './backup.ts';
