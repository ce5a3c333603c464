export { RunsPage } from './page.tsx';
export type { Run } from './run-table.tsx';
export { runsMessages } from './messages.ts';
