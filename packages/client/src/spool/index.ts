/** Node only: appends that outlive an absent server, on disk. */
export { openSpool } from './spool.ts';
export type { RefusedCommit, Spool, SpoolOptions, SpoolStatus, Taken } from './spool.ts';
export { defaultSpoolLimits } from './limits.ts';
export type { SpoolLimits } from './limits.ts';
