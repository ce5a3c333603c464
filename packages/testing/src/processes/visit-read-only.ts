/** Reads a log where it may not write, tries to write all the same, and says how it went in one line. */
import { isLogError } from '@refold/core';
import { readAll } from '../conformance/calls.ts';
import { createTraffic } from '../conformance/traffic.ts';
import { openLogOfParent } from './opened-log.ts';

const log = await openLogOfParent({ readOnly: true });
const { events } = await readAll(log);
const [result] = await log.append([createTraffic(9).commit()]);
const refusalOf = async (attempt: () => Promise<unknown>): Promise<string> => {
  try {
    await attempt();
    return 'accepted';
  } catch (error) {
    return isLogError(error) ? `${error.code} ${error.details.reason}` : String(error);
  }
};
const answers = {
  positions: events.map((event) => event.position),
  append: result?.ok === false ? result.reason : 'accepted',
  kvPut: await refusalOf(() => log.kvPut('key', new Uint8Array([1]), 'absent')),
  forget: await refusalOf(() => log.forget([1], 'test')),
  forWriting: await refusalOf(() => openLogOfParent()),
};
console.log(JSON.stringify(answers));
await log.close();
