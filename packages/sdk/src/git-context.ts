/**
 * The state of the code around a piece of work: commit, branch, what is changed (A-173 to A-175, K-081). One `git status`
 * per commit of the log, and only for who asks for it. It takes no lock in the work tree and runs no program that the work
 * tree's own configuration names.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitContext } from '@refold/core';

const changedFilesMax = 200;
const timeoutMs = 2_000;
const outputBytesMax = 4 * 1_048_576;

/** @returns null outside of a work tree, without git, or when git does not answer in 2 s: an event is worth more than its surroundings. */
export async function readGitContext(folder: string): Promise<GitContext | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-c', 'core.fsmonitor=false', 'status', '--porcelain=v2', '--branch', '-z'], {
      cwd: folder,
      timeout: timeoutMs,
      maxBuffer: outputBytesMax,
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
    });
    return gitContextOf(stdout);
  } catch {
    return null;
  }
}

/** Reads git's "porcelain v2" form (git-status(1)). */
function gitContextOf(status: string): GitContext {
  const changed: string[] = [];
  let [sha, branch]: (string | undefined)[] = [];
  const parts = status.split('\0').values();
  for (const part of parts) {
    if (part.startsWith('# branch.oid ')) sha = part.slice('# branch.oid '.length);
    else if (part.startsWith('# branch.head ')) branch = part.slice('# branch.head '.length);
    else if (!part.startsWith('#') && part !== '') changed.push(pathIn(part));
    // A renamed file is followed by the path that it had.
    if (part.startsWith('2 ')) parts.next();
  }
  return {
    ...(sha === undefined || sha === '(initial)' ? {} : { sha }),
    ...(branch === undefined || branch === '(detached)' ? {} : { branch }),
    codebaseState: { dirty: changed.length > 0, changed_files: changed.slice(0, changedFilesMax), changed_count: changed.length },
  };
}

/** Fields before the path, by kind of entry. */
const fieldsBefore: { readonly [kind: string]: number } = { '1': 8, '2': 9, u: 10, '?': 1, '!': 1 };

const pathIn = (entry: string): string => entry.split(' ').slice(fieldsBefore[entry.charAt(0)] ?? 1).join(' ');
