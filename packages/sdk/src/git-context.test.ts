import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EventStore } from './event-store.ts';
import { readGitContext } from './git-context.ts';

const started = { type: 'orchestration.started', issueKey: 'PROJ-1', sessionId: 's', actor: { type: 'user', id: 'ana' }, data: {} } as const;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'refold-git-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A repository with one commit, whose id is answered. */
function makeRepository(folder: string): string {
  const git = (...words: string[]): string => execFileSync('git', ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'init.defaultBranch=main', ...words], { cwd: folder, encoding: 'utf8' }).trim();
  git('init', '--quiet');
  writeFileSync(join(folder, 'a b.txt'), 'a longer text, so that a renamed file is recognised\n'.repeat(5));
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
  git('mv', 'a b.txt', 'c d.txt');
  mkdirSync(join(folder, 'new'));
  writeFileSync(join(folder, 'new', 'x.txt'), 'x');
  return git('rev-parse', 'HEAD');
}

describe('The state of the code', () => {
  test('A-173 A-174 A-175 events logged in a work tree carry its commit, its branch and what is changed', async () => {
    const folder = temporaryFolder();
    const sha = makeRepository(folder);
    const store = new EventStore({ url: 'memory:', enrich: { git: folder } });
    onTestFinished(() => store.close());
    const id = await store.logEvent(started);
    expect((await store.getEvent(id))!.git).toEqual({ sha, branch: 'main', codebaseState: { dirty: true, changed_files: ['c d.txt', 'new/'], changed_count: 2 } });
    expect((await store.reconstructState('PROJ-1')).state).toMatchObject({ git: { sha, branch: 'main' } });

    const told = await store.logEvent({ eventType: 'PhaseStarted', metadata: { phase: 'CODE' }, issueKey: 'PROJ-1', sessionId: 's', actor: started.actor, gitSha: 'f00' });
    expect((await store.getEvent(told))!.git).toEqual({ sha: 'f00' });
  });

  test('K-081 outside of a work tree, or when nobody asks, events carry none', async () => {
    const folder = temporaryFolder();
    // Wherever the temporary folder is, git looks no higher.
    vi.stubEnv('GIT_CEILING_DIRECTORIES', realpathSync(tmpdir()));
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await readGitContext(folder)).toBeNull();
    expect(await readGitContext(join(folder, 'not-there'))).toBeNull();
    for (const options of [{ enrich: { git: folder } }, {}]) {
      const store = new EventStore({ url: 'memory:', ...options });
      onTestFinished(() => store.close());
      expect(await store.getEvent(await store.logEvent(started))).not.toHaveProperty('git');
    }
  });
});
