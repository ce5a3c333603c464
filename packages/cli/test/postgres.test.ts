/** serve and commands over a log in PostgreSQL: two servers are two windows on one log. */
import { startPostgres, whyNoPostgres } from '@refold/testing';
import type { PostgresServer } from '@refold/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fixture, openConsole } from './console.ts';
import { serve } from './serve.ts';

const reason = whyNoPostgres();
let server: PostgresServer;
beforeAll(async () => {
  if (reason === null) server = await startPostgres();
  else console.warn(`NOT RUN: ${reason}`);
}, 60_000);
beforeEach((context) => {
  if (reason !== null) context.skip(reason);
});
afterAll(() => server?.stop(), 30_000);

describe('refold serve --store postgres://', () => {
  test('serves a log that it makes, and two servers answer alike about what either of them took', async () => {
    const console = openConsole();
    const url = server.url.replace('postgres@', 'postgres:secret@');
    const [left, right] = [await serve(console, `--store "${url}?log=served" --no-auth`), await serve(console, `--store "${url}?log=served" --no-auth`)];
    expect(left.banner).toMatchObject({ durability: 'fsync', events: 0, store: expect.not.stringContaining('secret') as string });
    expect(right.banner.epoch).toBe(left.banner.epoch);
    expect((await console.run(`append --batch ${fixture('job-7.jsonl')} --server ${left.url}`)).exitCode).toBe(0);
    expect((await console.run(`append custom.note --stream custom/a --data '{"a":1}' --actor user:ana --server ${right.url}`)).exitCode).toBe(0);
    for (const line of ['query --jsonl', 'state job/7 --json', 'history job/7 --json', 'show custom/a --json']) {
      const answers = await Promise.all([`--server ${left.url}`, `--server ${right.url}`, `--store "${url}?log=served"`].map((where) => console.run(`${line} ${where}`)));
      const [first] = answers;
      expect({ line, stdout: answers.map(({ stdout }) => stdout) }).toEqual({ line, stdout: answers.map(() => expect.stringMatching(/./) as string) });
      expect({ line, stdout: answers.map(({ stdout }) => stdout) }).toEqual({ line, stdout: answers.map(() => first!.stdout) });
    }
    await left.stop();
    await right.stop();
    console.close();
  });

  test('D-006: who listens at one server hears what the other takes, in the order of the log, and neither is in the way of the other', async () => {
    const console = openConsole();
    const servers = [await serve(console, `--store "${server.url}?log=scaled" --no-auth`), await serve(console, `--store "${server.url}?log=scaled" --no-auth`)] as const;
    const heard = servers.map(({ url }) => console.run(`tail --from-start --limit 8 --jsonl --server ${url}`));
    const appended = await Promise.all(Array.from({ length: 8 }, (_, index) => console.run(`append custom.note --stream custom/s${index} --data '{"n":${index}}' --actor user:ana --server ${servers[index % 2]!.url}`)));
    expect(appended.map(({ exitCode }) => exitCode)).toEqual(appended.map(() => 0));
    const [left, right] = (await Promise.all(heard)).map(({ stdout }) => stdout.trim().split('\n').map((line) => (JSON.parse(line) as { position: number; streamId: string })).map(({ position, streamId }) => `${position} ${streamId}`));
    expect(left).toHaveLength(8);
    expect(right).toEqual(left);
    expect(left!.map((line) => Number(line.split(' ')[0]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const { stop } of servers) await stop();
    console.close();
  });

  test('D-006 a listener that loses one server goes on at the other one after the last event it saw', async () => {
    const console = openConsole();
    const store = `"${server.url}?log=listened"`;
    const [left, right] = [await serve(console, `--store ${store} --no-auth`), await serve(console, `--store ${store} --no-auth`)];
    const note = async (where: string, n: number): Promise<void> => {
      expect((await console.run(`append custom.note --stream custom/a --data '{"n":${n}}' --actor user:ana --server ${where}`)).exitCode).toBe(0);
    };
    const [first, second] = [listen(left.url, 0), [] as string[]];
    for (const n of [1, 2, 3]) await note(n === 2 ? left.url : right.url, n);
    expect([await first.next(), await first.next()]).toEqual(['1', '2']);
    await left.stop();
    await note(right.url, 4);
    const after = listen(right.url, 2);
    second.push(await after.next(), await after.next());
    await note(right.url, 5);
    second.push(await after.next());
    expect(second).toEqual(['3', '4', '5']);
    first.close();
    after.close();
    await right.stop();
    console.close();
  });

  test('a database that is not there is told by its code, and the password is in no line', async () => {
    const console = openConsole();
    const { exitCode, stdout, stderr } = await console.run('runs --json --store postgres://ana:secret@127.0.0.1:1/none');
    expect(exitCode).not.toBe(0);
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'cannot_open' } });
    expect(stdout + stderr).not.toContain('secret');
    console.close();
  });
});

/** Ids of the events of a server, as they come over SSE after one that was seen. */
function listen(url: string, seen: number): { next(): Promise<string>; close(): void } {
  const stop = new AbortController();
  const ids = idsOf(url, seen, stop.signal);
  return { next: async () => (await ids.next()).value ?? 'ended', close: () => stop.abort() };
}

async function* idsOf(url: string, seen: number, signal: AbortSignal): AsyncGenerator<string, undefined> {
  const { body } = await fetch(`${url}/api/v1/events/stream?afterPosition=0`, { headers: { 'last-event-id': String(seen) }, signal });
  let buffered = '';
  for await (const text of body!.pipeThrough(new TextDecoderStream())) {
    const frames = (buffered + text).split('\n\n');
    buffered = frames.pop()!;
    for (const frame of frames) {
      const id = /^id: (.*)$/m.exec(frame)?.[1];
      // What the stream begins with says only where it stands.
      if (id !== undefined && Number(id) > seen) yield id;
    }
  }
  return undefined;
}
