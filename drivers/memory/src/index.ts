export { openMemoryLog } from './driver.ts';
export type { MemoryLogOptions } from './driver.ts';
