/** Appends until it is killed, over a spool, and says which commits it was told are safe. */
import { createClient } from '@refold/client';
import { openSpool } from '@refold/client/spool';

const [url = '', folder = ''] = process.argv.slice(2);
const spool = await openSpool({ client: createClient({ url }), folder });
for (let count = 1; ; count++) {
  const { commitId } = await spool.append({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { count } }], commitId: `c${count}` });
  process.stdout.write(`${commitId}\n`);
}
