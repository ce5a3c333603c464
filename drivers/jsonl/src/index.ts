export { openJsonlLog } from './driver.ts';
export type { JsonlLog, JsonlLogOptions } from './driver.ts';
export { backUpJsonlLog, restoreJsonlLog } from './backup.ts';
