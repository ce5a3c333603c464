/** States that nobody wishes for (UI.md section 14): the server gone and back, the sign-in at its end, events that are erased, masked or broken. */
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '@refold/sdk';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { axeOf, hasChromium, noChromium } from './harness/browser.ts';
import { addExampleWork } from './harness/example-work.ts';
import { openApp, startApp } from './harness/in-test.ts';
import type { ServedLog } from './harness/served-log.ts';
import { signedInBy } from './harness/signing-proxy.ts';

// A browser on a busy machine takes its time; what hangs still ends.
vi.setConfig({ testTimeout: 120_000 });

beforeEach((context) => {
  if (!hasChromium) context.skip(noChromium);
});

const fileOf = ({ folder }: ServedLog): string => `${folder}/.refold/log.db`;

describe('a server that goes', () => {
  test('leaves the page as it was with nothing to write by, and the page goes on by itself once somebody signed in to the next one', async () => {
    const log = await startApp();
    await addExampleWork(log.client);
    const { page, incidents } = await openApp(log, '/jobs?sel=index-docs');
    const pause = page.getByRole('button', { name: 'Pause' });
    await pause.and(page.locator(':enabled')).waitFor();
    await log.stop();
    await page.getByText('The server does not answer.', { exact: true }).waitFor();
    await page.getByRole('banner').getByText('reconnecting').waitFor();
    expect([await page.getByText('weekly report').isVisible(), await pause.isDisabled()]).toEqual([true, true]);
    await log.start();
    // A sign-in lasts as long as the server that it was made for.
    await page.getByText('You are not signed in').waitFor();
    await page.getByText('refold token link').waitFor();
    expect(await axeOf(page)).toEqual([]);
    await log.client.createJob({ id: 'made-meanwhile', name: 'made meanwhile', start: true });
    const elsewhere = await page.context().newPage();
    await elsewhere.goto(await log.client.signInLink());
    await page.getByText('made meanwhile').first().waitFor();
    expect(page.url()).toBe(`${log.url}/jobs?sel=index-docs`);
    await pause.and(page.locator(':enabled')).waitFor();
    await log.client.appendJobLogs({ id: 'index-docs', lines: [{ level: 'INFO', message: 'still here' }] });
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByText('still here').waitFor();
    expect(incidents).toEqual([]);
  });

  test('given one where nobody signs in, when it is back, then what came meanwhile is there and nobody had to ask', async () => {
    const log = await startApp({ isOpen: true });
    await addExampleWork(log.client);
    const { page } = await openApp(log, '/jobs');
    await page.getByRole('banner').getByText('live', { exact: true }).waitFor();
    await log.kill();
    await page.getByText('The server does not answer.', { exact: true }).waitFor();
    await log.start();
    await log.client.createJob({ id: 'unheard', name: 'unheard of', start: true });
    await page.getByRole('banner').getByText('live', { exact: true }).waitFor();
    await page.getByText('unheard of').waitFor();
    expect(await page.getByText('The server does not answer.', { exact: true }).count()).toBe(0);
  });

  test('given a sign-in that has ended, when anything is asked, then the page says how to sign in again and keeps its address', async () => {
    const log = await startApp();
    const { page } = await openApp(log, '/runs?status=failed');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await page.context().clearCookies();
    // Another page of the app, without loading it anew: the shell stays, the answer is a refusal.
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Event types' }).click();
    await page.getByText('You are not signed in').waitFor();
    expect(new URL(page.url()).pathname).toBe('/schemas');
  });
});

describe('who may only look', () => {
  test('sees everything, says who he is, and is told at the button what he would need', async () => {
    const log = await startApp();
    await addExampleWork(log.client);
    const { key } = await log.client.createApiKey({ name: 'the auditor', actor: { type: 'user', id: 'ada' }, role: 'viewer' });
    const { page, incidents } = await openApp(await signedInBy(log, key), '/jobs?sel=index-docs');
    await page.getByRole('banner').getByText('live', { exact: true }).waitFor();
    const pause = page.getByRole('button', { name: 'Pause' });
    await pause.and(page.locator(':disabled')).waitFor();
    expect(await pause.getAttribute('title')).toContain('scope append');
    await page.getByRole('button', { name: 'Signed in as ada, viewer' }).click();
    await page.getByRole('dialog').getByText('user:ada').waitFor();
    await log.client.appendJobLogs({ id: 'index-docs', lines: [{ level: 'INFO', message: 'seen by who may look' }] });
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByText('seen by who may look').waitFor();
    expect(incidents).toEqual([]);
  });
});

describe('events that are not what they were', () => {
  test('an erased payload says who, when, why, and what still holds', async () => {
    const log = await startApp();
    const { client } = log;
    await client.appendEvents({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'person', data: { name: 'Ada' } }] });
    const { id, position } = (await client.queryEvents({ streamType: 'custom' })).items[0]!;
    await client.appendEvents({ events: [{ type: 'payload.erased', streamType: 'store', streamId: 'main', actor: { type: 'user', id: 'dpo' }, data: { targets: [{ eventId: id, position }], reason: 'asked for under GDPR 17', request_ref: 'REQ-9' } }] });
    await log.stop();
    const store = await openStore(`sqlite:${fileOf(log)}`);
    await store.log.driver.forget([position], 'asked for');
    await store.close();
    await log.start();
    const { page } = await openApp(log, `/events?streamType=custom&sel=${id}`);
    await page.getByRole('row').getByText('payload erased').waitFor();
    const payload = page.getByRole('region', { name: 'Payload' });
    await payload.getByText('asked for under GDPR 17').waitFor();
    expect(await payload.innerText()).toMatch(/user:dpo[\s\S]*REQ-9[\s\S]*store\/main@1/);
    expect(await payload.innerText()).toContain('still verify');
    await page.goto(`${log.url}/streams/custom/person/audit`);
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText('1 events hold').waitFor();
  });

  test('a masked value is marked where it stood, with the rule and without the secret', async () => {
    const log = await startApp();
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    await log.client.appendEvents({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'masked', data: { token: secret, message: 'pushed' } }] });
    const { id } = (await log.client.queryEvents({ streamType: 'custom' })).items[0]!;
    const { page } = await openApp(log, `/events?sel=${id}`);
    await page.getByText(/redacted before it was stored: [a-z-]+/).first().waitFor();
    expect(await page.content()).not.toContain(secret);
  });

  test('a broken body breaks the panes that need it, in words and with its place, and no other', async () => {
    const log = await startApp();
    const { client } = log;
    await client.createJob({ id: 'whole', name: 'whole', start: true });
    for (const message of ['one', 'two', 'three']) await client.appendEvents({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'torn', data: { message } }] });
    await log.stop();
    tear(fileOf(log), torn(fileOf(log)).at(1)!);
    await log.start();
    const { page, incidents } = await openApp(log, '/streams/custom/torn/state');
    const alert = page.getByRole('alert').first();
    await alert.getByText('INTEGRITY_VIOLATION').waitFor();
    await alert.getByText(/request/i).waitFor();
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.getByText('whole').first().waitFor();
    await page.getByRole('link', { name: 'Storage' }).click();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText(/^Broken/).first().waitFor();
    expect(incidents).toEqual([]);
  });

  test('an event that does not fit is marked in the state, and the state goes on', async () => {
    const log = await startApp();
    await log.stop();
    const store = await openStore(`sqlite:${fileOf(log)}`);
    // As an importer appends what has happened elsewhere, by whatever rules.
    await store.log.append({ events: [{ type: 'job.completed', streamType: 'job', streamId: 'odd', actor: { type: 'system', id: 'importer' }, data: {} }], validation: 'flag', transitions: 'flag' });
    await store.close();
    await log.start();
    const { page } = await openApp(log, '/streams/job/odd/state');
    await page.getByRole('group', { name: 'State', exact: true }).waitFor();
    await page.getByText('This event did not fit the state before it').waitFor();
  });
});

/** Positions of the torn stream. */
function torn(path: string): readonly number[] {
  using database = new DatabaseSync(path);
  return database.prepare("SELECT position FROM event WHERE stream = (SELECT id FROM stream WHERE name = 'custom/torn') ORDER BY position").all().map(({ position }) => Number(position));
}

/** Cuts the last byte off a record, as a bad disk would. */
function tear(path: string, position: number): void {
  using database = new DatabaseSync(path);
  for (const { name } of database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()) database.exec(`DROP TRIGGER "${String(name)}"`);
  database.prepare('UPDATE event SET record = substr(record, 1, length(record) - 1) WHERE position = ?').run(position);
}
