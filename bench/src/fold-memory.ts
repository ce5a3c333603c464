/** A process that opens a log, folds it and says the most memory it had resident, in MB: nothing else is in the figure. */
import { openStore } from '@refold/sdk';
import { foldLog } from './fold-log.ts';

const store = await openStore(process.argv[2]!);
await foldLog(store);
await store.close();
process.stdout.write(String(process.resourceUsage().maxRSS / 1_024));
