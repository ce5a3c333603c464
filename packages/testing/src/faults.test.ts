import { expect, it } from 'vitest';
import { createTraffic } from './conformance/traffic.ts';
import { appendUntilKnown, withFaults } from './faults.ts';
import type { Loss } from './faults.ts';
import { createLogModel } from './model.ts';
import { noopLog } from './noop-log.ts';
import { wrapLog } from './wrap-log.ts';
import type { AppendResult, LogDriver } from '@refold/core';

/** A log that counts what reaches it, judged by the executable model. */
function countingLog(): { readonly driver: LogDriver; readonly model: ReturnType<typeof createLogModel>; calls(): number } {
  const model = createLogModel();
  let calls = 0;
  const driver = wrapLog(noopLog(), {
    async append(commits) {
      calls += 1;
      return commits.map((commit): AppendResult => {
        const answer = model.append(commit);
        if (answer.kind !== 'receipt') throw new Error(answer.kind);
        return { ok: true, duplicate: answer.duplicate, first: answer.first, last: answer.last, recordedAt: '', revisions: new Map(answer.revisions) };
      });
    },
  });
  return { driver, model, calls: () => calls };
}

const scripted = (...losses: Loss[]) => ({ loss: (): Loss => losses.shift() ?? 'none' });

it('keeps a lost request away from the log, and only the answer of a lost reply from the caller', async () => {
  const { driver, model, calls } = countingLog();
  const flaky = withFaults(driver, scripted('request', 'reply'));
  const commit = createTraffic(1).commit();
  await expect(flaky.append([commit])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
  expect([calls(), model.head]).toEqual([0, 0]);
  await expect(flaky.append([commit])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  expect([calls(), model.head]).toEqual([1, 1]);
  expect((await flaky.append([commit]))[0]).toMatchObject({ ok: true, duplicate: true, first: 1 });
});

it('sends the same commit until the outcome is known, and ends in one copy', async () => {
  const { driver, model } = countingLog();
  const flaky = withFaults(driver, scripted('reply', 'request', 'reply'));
  const result = await appendUntilKnown(flaky, createTraffic(1).commit());
  expect(result).toMatchObject({ ok: true, duplicate: true });
  expect(model.head).toBe(1);
});

it('gives up after the attempts it was given, and passes every other error on at once', async () => {
  const commit = createTraffic(1).commit();
  await expect(appendUntilKnown(withFaults(noopLog(), { loss: () => 'request' }), commit, 3)).rejects.toThrow('no answer after 3 attempts');
  const broken = wrapLog(noopLog(), { append: () => Promise.reject(new Error('disk on fire')) });
  await expect(appendUntilKnown(broken, commit)).rejects.toThrow('disk on fire');
});

it('waits before each append when told to', async () => {
  const order: string[] = [];
  const driver = wrapLog(noopLog(), { append: async () => { order.push('append'); return []; } });
  await withFaults(driver, { delay: async () => void order.push('delay') }).append([]);
  expect(order).toEqual(['delay', 'append']);
});
