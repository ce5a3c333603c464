/** Work for the pages that the example runs do not fill: jobs in every state, one of them run again, sprints and tasks. */
import type { Client } from '@refold/client';

export async function addExampleWork(client: Client): Promise<void> {
  await addJobs(client);
  await addBoard(client);
}

const steps = ['fetch issues', 'plan changes', 'apply patch', 'run tests'];

async function addJobs(client: Client): Promise<void> {
  const create = (id: string, name: string, params: Record<string, unknown>): Promise<unknown> => client.createJob({ id, name, params, steps, input: { repository: 'acme/payments', branch: 'main' }, start: true });
  await create('nightly-1', 'nightly triage', { model: 'small', batch_size: 20, dry: false });
  await client.appendJobLogs({ id: 'nightly-1', lines: [{ level: 'INFO', message: 'fetching 20 issues', step: 'fetch issues' }, { level: 'DEBUG', message: 'page 1 of 2', step: 'fetch issues' }] });
  await client.endJobStep({ id: 'nightly-1', step: 'fetch issues', status: 'completed', durationMs: 1_840, output: { issues: 20 } });
  await client.moveJobComponent({ id: 'nightly-1', component: 'planner', status: 'started', data: { iteration: 1 } });
  await client.moveJobComponent({ id: 'nightly-1', component: 'planner', status: 'completed', data: { iteration: 1 } });
  await client.endJobStep({ id: 'nightly-1', step: 'plan changes', status: 'completed', durationMs: 12_310, output: { changes: 4 } });
  await client.appendJobLogs({ id: 'nightly-1', lines: [{ level: 'WARN', message: 'patch 3 of 4 does not apply cleanly, trying a three-way merge', step: 'apply patch' }, { level: 'ERROR', message: 'patch 3 of 4 failed: context differs in src/invoice.ts:118', step: 'apply patch', source: 'git' }] });
  await client.endJobStep({ id: 'nightly-1', step: 'apply patch', status: 'failed', durationMs: 2_205, error: { message: 'patch 3 of 4 failed: context differs', code: 'PATCH_FAILED' } });
  await client.failJob({ id: 'nightly-1', error: { message: 'patch 3 of 4 failed: context differs', code: 'PATCH_FAILED' }, failedStep: 'apply patch' });

  await client.rerunJob({ id: 'nightly-1', newId: 'nightly-1-again', params: { model: 'large' }, fromStep: 'plan changes', reason: 'a larger model reads the whole file' });
  await client.startJob({ id: 'nightly-1-again', workerId: 'worker-2' });
  for (const [step, durationMs] of [['plan changes', 19_020], ['apply patch', 3_120], ['run tests', 48_400]] as const) await client.endJobStep({ id: 'nightly-1-again', step, status: 'completed', durationMs });
  await client.completeJob({ id: 'nightly-1-again', result: { merged: 4 } });

  await create('index-docs', 'index documentation', { batch_size: 50 });
  await client.endJobStep({ id: 'index-docs', step: 'fetch issues', status: 'completed', durationMs: 900 });
  await client.progressJob({ id: 'index-docs', progress: 0.4, step: 'plan changes' });
  await client.appendJobLogs({ id: 'index-docs', lines: [{ level: 'INFO', message: '412 of 1,030 pages read', step: 'plan changes' }] });
  await create('backfill-7', 'backfill invoices', { from: '2026-11-01' });
  await client.pauseJob({ id: 'backfill-7', reason: 'the database is being migrated' });
  await create('cleanup-3', 'remove stale branches', { older_than_days: 30 });
  await client.cancelJob({ id: 'cleanup-3', reason: 'superseded by a repository rule' });
  await client.createJob({ id: 'report-12', name: 'weekly report', params: { week: 47 }, steps: ['collect', 'render'] });
}

async function addBoard(client: Client): Promise<void> {
  await client.createSprint({ sprintCode: 'S12', name: 'Payments hardening', goal: 'No invoice is lost when the gateway times out', status: 'active', startDate: '2026-11-16', endDate: '2026-11-27' });
  await client.createSprint({ sprintCode: 'S13', name: 'Reporting', status: 'planned' });
  const task = (taskCode: string, title: string, rest: Omit<Parameters<Client['createTask']>[0], 'taskCode'>): Promise<unknown> => client.createTask({ taskCode, title, sprintCode: 'S12', ...rest });
  await task('PAY-101', 'Retry the gateway with an idempotency key', { status: 'in_progress', priority: 'P0', progress: 60, assignee: 'coder-1' });
  await task('PAY-102', 'Write the timeout into the ledger before the retry', { status: 'blocked', priority: 'P0', assignee: 'coder-2', blockers: ['PAY-101'] });
  await task('PAY-103', 'Alert when an invoice waits longer than an hour', { status: 'pending', priority: 'P1' });
  await task('PAY-104', 'Property tests of the ledger', { status: 'completed', priority: 'P1', progress: 100, assignee: 'tester' });
  await task('PAY-105', 'Move the queue to the new cluster', { status: 'failed', priority: 'P2', assignee: 'coder-1' });
  await task('PAY-106', 'Read the gateway contract for partial refunds', { status: 'received', priority: 'P2', assignee: 'planner' });
  await task('PAY-107', 'Rename the invoice table', { status: 'cancelled', priority: 'P3' });
  await client.updateTask({ code: 'PAY-101', progress: 80 });
  await client.updateTask({ code: 'PAY-101', priority: 'P1', reason: 'the gateway has a workaround' });
}
