/** The command as a function, for tests and for programs that embed it. */
export { runCli } from './run-cli.ts';
export type { World } from './world.ts';
export { exitCodes } from './exit-codes.ts';
export { version } from './version.ts';
