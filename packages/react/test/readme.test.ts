/** The quickstart of the README is what a browser runs here, as it stands there but for the address. */
import { readFileSync } from 'node:fs';
import { createClient } from '@refold/client';
import { expect, test } from 'vitest';
import { bundlePage, hasChromium, noChromium, startSite } from './browser.ts';

const [, quickstart = ''] = /```tsx\n([\s\S]*?)```/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? [];

test('D-016 the quickstart shows a job as it goes', async (context) => {
  if (!hasChromium) context.skip(noChromium);
  const script = await bundlePage('quickstart.tsx', quickstart.replace("createClient({ url: 'http://127.0.0.1:8012' })", 'createClient({ url: settings.server, token: settings.token })'));
  const site = await startSite(script);
  const client = createClient({ url: site.server, token: site.token });
  await client.createJob({ id: '42', steps: ['build', 'test'], start: true });
  const page = await site.open();
  await page.getByText('42: running').waitFor();
  await client.endJobStep({ id: '42', step: 'build', status: 'completed' });
  await client.appendJobLogs({ id: '42', lines: [{ level: 'INFO', message: 'built' }] });
  await page.getByText('INFO built').waitFor();
  await expect.poll(() => page.locator('progress').getAttribute('value')).toBe('0.5');
  await client.completeJob({ id: '42' });
  await page.getByText('42: completed').waitFor();
  expect(await page.locator('li').allTextContents()).toEqual(['JobStarted', 'JobStepCompleted', 'JobCompleted']);
});
