/**
 * The cases that a log in memory is not asked, because they need a restart, a server, or harm to what is stored, are shown
 * here to be passable: by logs that outlive their handles, with each harm done in the plainest way. Cases that need a real
 * child process are shown by the durable drivers.
 */
import { LogError } from '@refold/core';
import type { Linker, LogDriver, Recorded } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { casesFor, conformanceCases, readAll, runCase, wrapLog } from '@refold/testing';
import type { Fixture, Harm, OpenOptions, Tampering } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { memoryFixture } from './memory-fixture.ts';

/** Logs by name. */
const kept = new Map<string, LogDriver>();
const keptLog = (name: string): LogDriver => kept.get(name) ?? expect.fail(`there is no log ${name}`);

async function openNew(name: string, options: OpenOptions = {}): Promise<LogDriver> {
  kept.set(name, openMemoryLog(options));
  return openHandle(name);
}

/** Closing a handle closes the handle, as when one process of several goes. */
const openHandle = async (name: string): Promise<LogDriver> => wrapLog(keptLog(name), { capabilities: fixture.capabilities, close: async () => {} });

const nothing = async (): Promise<void> => {};

const fixture: Fixture = {
  ...memoryFixture(openMemoryLog),
  capabilities: { ...openMemoryLog().capabilities, durability: 'fsync', writers: 'many-hosts', cluster: true },
  open: openNew,
  reopen: openHandle,
  connect: openHandle,
  process: { module: 'file:///none', argument: (name) => name },
  restartBackend: nothing,
  failOver: nothing,
  harm: {
    tearTail: nothing,
    async openOnFullDisk(name) {
      let room = 3;
      const driver = wrapLog(keptLog(name), {
        append: async (commits) => {
          if (room <= 0) throw new LogError('LOG_UNAVAILABLE', 'no room', { details: { reason: 'no_space' } });
          room -= 1;
          return keptLog(name).append(commits);
        },
      });
      return { driver, heal: async () => void (room = Infinity) };
    },
    async backUp(name) {
      const copy = openMemoryLog();
      await copyInto(copy, keptLog(name));
      return { restore: async () => void kept.set(name, copy) };
    },
    openReadOnly: async (name) => wrapLog(keptLog(name), { append: async (commits) => commits.map(() => ({ ok: false as const, reason: 'read-only' as const, detail: 'opened for reading' })) }),
    storedBytes: async (name) => (await readAll(keptLog(name))).events.map((event) => event.body),
    async tamper(name, change) {
      kept.set(name, tampered(keptLog(name), change));
    },
  },
};

async function copyInto(copy: LogDriver, log: LogDriver): Promise<void> {
  const { events } = await readAll(log);
  for (const [id, group] of Map.groupBy(events, (event) => event.commit)) {
    const [first, ...rest] = group;
    if (first !== undefined) await copy.append([{ id, digest: new Uint8Array(32), events: [first, ...rest] }]);
  }
}

function tampered(log: LogDriver, change: Tampering): LogDriver {
  return wrapLog(log, {
    async *read(request, signal) {
      for await (const page of log.read(request, signal)) yield { ...page, events: tamperedEvents(page.events, change) };
    },
  });
}

function tamperedEvents(events: readonly Recorded[], change: Tampering): readonly Recorded[] {
  switch (change.kind) {
    case 'flip-bit':
      return events.map((event) => (event.position === change.position ? { ...event, body: event.body.map((byte, index) => (index === 0 ? byte ^ 1 : byte)) } : event));
    case 'remove':
      return events.filter((event) => event.position !== change.position);
    case 'truncate':
      return events.filter((event) => event.position <= change.position);
    case 'swap': {
      const [left, right] = change.positions.map((position) => events[position - 1]);
      const contents = (event: Recorded | undefined) => event && { id: event.id, type: event.type, body: event.body };
      return events.map((event) => (event === left ? { ...event, ...contents(right) } : event === right ? { ...event, ...contents(left) } : event));
    }
  }
}

describe('cases that need more than an open log', () => {
  const asked = new Set(casesFor(memoryFixture(openMemoryLog)).map(({ id }) => id));
  const beyond = conformanceCases.filter(({ id, needs = [] }) => !asked.has(id) && !needs.includes('process'));

  it.each(beyond)('$id can be passed: $claim', async (testCase) => {
    await expect(runCase(fixture, testCase, { seed: 1 })).resolves.toBeUndefined();
  });

  /** Runs one case over the fixture with something made worse. */
  async function runWith(id: string, change: Partial<Fixture>): Promise<void> {
    const testCase = conformanceCases.find((one) => one.id === id) ?? expect.fail(`there is no case ${id}`);
    await runCase({ ...fixture, ...change }, testCase, { seed: 1 });
  }
  const harmWith = (change: Partial<Harm>): Partial<Fixture> => (fixture.harm === undefined ? {} : { harm: { ...fixture.harm, ...change } });

  it('M118 fails when the leaves do not hang on the events', async () => {
    const constant: Linker = { link: () => new Uint8Array(32), remainder: () => new Uint8Array() };
    await expect(runWith('M118', { open: (name, options) => openNew(name, { ...options, linker: constant }) })).rejects.toThrow('case M118');
  });

  it('J103 fails when a restored log keeps its epoch', async () => {
    await expect(runWith('J103', harmWith({ backUp: async () => ({ restore: nothing }) }))).rejects.toThrow(/strictly unequal[^]*case J103/);
  });

  it('J100 fails when a full disk is not told', async () => {
    await expect(runWith('J100', harmWith({ openOnFullDisk: async (name) => ({ driver: keptLog(name), heal: nothing }) }))).rejects.toThrow('a full disk is told');
  });

  it('L113 fails when the bytes of a forgotten body are still stored', async () => {
    const stored = new Map<string, Uint8Array[]>();
    const remembering = async (name: string, options?: OpenOptions): Promise<LogDriver> => {
      const log = await openNew(name, options);
      return wrapLog(log, {
        append: (commits) => {
          stored.set(name, [...(stored.get(name) ?? []), ...commits.flatMap((commit) => commit.events.map((event) => event.body))]);
          return log.append(commits);
        },
      });
    };
    await expect(runWith('L113', { open: remembering, ...harmWith({ storedBytes: async (name) => stored.get(name) ?? [] }) })).rejects.toThrow('the forgotten body is gone');
  });
});
