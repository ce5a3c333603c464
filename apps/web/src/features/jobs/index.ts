export { JobLogs } from './job-logs.tsx';
export { JobsPage } from './jobs-page.tsx';
