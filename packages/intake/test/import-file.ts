/** What the tests of this package share: files of the tree as source files, and a whole translation in one call. */
import { createReadStream } from 'node:fs';
import { hash } from 'node:crypto';
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createReport } from '../src/report.ts';
import type { IntakeReport } from '../src/report.ts';
import type { IntakeCommit, IntakeContext, IntakeEvent, SourceFile, Translator } from '../src/source.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export const examples = `${root}examples/`;
export const samples = `${root}packages/intake/test/samples/`;
export const session258 = '258c7280-ae70-4798-800f-63464d01a85d';

export const fileAt = (folder: string, name: string, chunkBytes = 65_536): SourceFile => ({ name, open: () => createReadStream(folder + name, { highWaterMark: chunkBytes }) });

export const fileOf = (name: string, content: string | Uint8Array, chunkBytes = 65_536): SourceFile => ({
  name,
  *open() {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  },
});

/** Reads every chunk into the same memory, as a source may. */
export const reusingFile = (name: string, content: string, chunkBytes: number): SourceFile => ({
  name,
  *open() {
    const bytes = Buffer.from(content);
    const memory = Buffer.alloc(chunkBytes);
    for (let at = 0; at < bytes.length; at += chunkBytes) yield memory.subarray(0, bytes.copy(memory, 0, at));
  },
});

export const linesFile = (name: string, records: readonly unknown[]): SourceFile => fileOf(name, records.map((record) => `${JSON.stringify(record)}\n`).join(''));

export function contextOf(overrides: Partial<IntakeContext> = {}): IntakeContext {
  return {
    hasher: { sha256: (bytes) => hash('sha256', bytes, 'buffer'), hmacSha256: (key, bytes) => createHmac('sha256', key).update(bytes).digest() },
    report: createReport(),
    clock: { now: () => Date.UTC(2026, 10, 20) },
    ...overrides,
  };
}

export interface Translation {
  readonly commits: readonly IntakeCommit[];
  readonly events: readonly IntakeEvent[];
  readonly report: IntakeReport;
  readonly ofType: (type: string) => readonly IntakeEvent[];
}

export async function translateAll(translate: Translator, files: readonly SourceFile[], overrides: Partial<IntakeContext> = {}): Promise<Translation> {
  const context = contextOf(overrides);
  const commits: IntakeCommit[] = [];
  for await (const commit of translate(files, context)) commits.push(commit);
  const events = commits.flatMap((commit) => commit.events);
  return { commits, events, report: context.report, ofType: (type) => events.filter((event) => event.type === type) };
}
