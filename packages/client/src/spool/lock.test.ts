import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockFolder } from './lock.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'refold-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a folder is held by one at a time, by whatever path it is named', async () => {
  const folder = newFolder();
  const lock = await lockFolder(folder);
  await expect(lockFolder(join(folder, '..', folder.slice(folder.lastIndexOf('/') + 1)))).rejects.toMatchObject({ code: 'LOG_LOCKED' });
  await (await lockFolder(newFolder())).release();
  await lock.release();
  await (await lockFolder(folder)).release();
});

test('where a lock is a file, that of a holder who was killed is taken over, and that of a living one is not', async (context) => {
  if (process.platform === 'win32') context.skip('there are no socket files on Windows');
  const folder = newFolder();
  const file = join(realpathSync(folder), 'lock');
  const holder = spawn(process.execPath, ['--eval', `require('node:net').createServer().listen(${JSON.stringify(file)}, () => console.log('held'))`], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  await expect(lockFolder(folder, 'darwin')).rejects.toMatchObject({ code: 'LOG_LOCKED' });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(existsSync(file)).toBe(true);
  const lock = await lockFolder(folder, 'darwin');
  await expect(lockFolder(folder, 'darwin')).rejects.toMatchObject({ code: 'LOG_LOCKED' });
  await lock.release();
});
