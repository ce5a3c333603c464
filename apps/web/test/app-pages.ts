/** Every page of the app, as tests and screenshots open it over the example runs and the example work. */
import type { Client } from '@refold/client';

export interface AppPage {
  readonly name: string;
  readonly path: string;
}

/** Paths hold the ids of the log at hand. */
export async function appPages(client: Client): Promise<readonly AppPage[]> {
  const { items } = await client.listRuns({ limit: 50 });
  const run = items.find(({ streamType, failures }) => streamType !== 'job' && failures > 0) ?? items[0];
  const stream = run === undefined ? null : `/streams/${encodeURIComponent(run.streamType)}/${encodeURIComponent(run.streamId)}`;
  const failed = (await client.queryEvents({ type: 'agent_run.failed', limit: 1 })).items[0];
  return [
    { name: 'home', path: '/' },
    { name: 'runs', path: '/runs' },
    ...(stream === null ? [] : ['story', 'events', 'timeline', 'state', 'debug', 'audit'].map((tab) => ({ name: `stream-${tab}`, path: `${stream}/${tab}` }))),
    { name: 'events', path: '/events' },
    { name: 'events-filtered', path: `/events?streamType=orchestration&minSeverity=WARN${failed === undefined ? '' : `&sel=${failed.id}`}` },
    { name: 'events-tree', path: '/events?streamType=orchestration&order=asc&view=tree' },
    { name: 'events-json', path: '/events?streamType=job&view=cloudevents' },
    { name: 'events-none', path: '/events?streamType=job&agent=nobody' },
    { name: 'jobs', path: '/jobs' },
    { name: 'job', path: '/jobs?sel=nightly-1' },
    { name: 'job-log', path: '/jobs?sel=nightly-1&pane=logs' },
    { name: 'job-state', path: '/jobs?sel=nightly-1&pane=state&at=3' },
    { name: 'job-stream-log', path: '/streams/job/nightly-1/logs' },
    { name: 'sprint-tasks', path: '/streams/sprint/S12/members' },
    { name: 'run-peek', path: '/runs?sel=job/nightly-1' },
    { name: 'compare', path: `/compare?a=${encodeURIComponent('job/nightly-1-again')}&b=${encodeURIComponent('job/nightly-1')}` },
    { name: 'board', path: '/board?sprint=S12' },
    { name: 'board-history', path: '/board?sprint=S12&sel=PAY-101' },
    { name: 'agents', path: '/agents' },
    { name: 'replays', path: '/replays' },
    { name: 'replays-plan', path: '/replays?plan=orchestration/PROJ-123' },
    { name: 'schemas', path: '/schemas' },
    { name: 'schema', path: '/schemas/job.failed' },
    { name: 'storage', path: '/storage' },
    { name: 'settings', path: '/settings' },
  ];
}
