/** A process that opens a log, folds one stream and says what that took: nothing else is in the figures. */
import { runOperation, stateAt } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { nowMs } from './measure.ts';

export interface OpenedFigures {
  readonly openMs: number;
  readonly stateMs: number;
  readonly residentMb: number;
}

const [url = '', streamType = '', streamId = ''] = process.argv.slice(2);
const start = nowMs();
const store = await openStore(url, { layout: false });
const opened = nowMs();
const { revision } = await runOperation(stateAt, { log: store.log, search: store.search, installation: store.installation }, { streamType, streamId });
const folded = nowMs();
if (revision === 0) throw new Error('the stream is not there');
process.stdout.write(JSON.stringify({ openMs: opened - start, stateMs: folded - opened, residentMb: process.memoryUsage().rss / 1_048_576 } satisfies OpenedFigures));
await store.close();
