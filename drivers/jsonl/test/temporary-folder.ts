/** A folder that is gone when the tests of the file are over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'refold-jsonl-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
