/** Copies a log to another engine, with positions, times and digests: migrateStore. */
import { migrateStore } from '@refold/sdk';
import { defineCommand } from '../command.ts';
import { storeSettings } from '../config/store-settings.ts';
import { absoluteUrl, shownUrl } from '../find-store.ts';
import { isSet, textOf, usage } from '../options.ts';
import type { Options } from '../options.ts';
import { counted, grouped } from '../output.ts';

const wordOf = { compare: 'compare', copy: 'migrate', verify: 'verify' } as const;

export const migrate = defineCommand({
  arguments: [],
  options: [
    { flags: '--from <url>', doc: 'the log to copy; it is only read, and may be in use' },
    { flags: '--to <url>', doc: 'where to: no log yet, or what an earlier run made' },
    { flags: '-n, --dry-run', doc: 'say how much there is to copy, write nothing' },
  ],
  examples: [
    ['refold migrate --from sqlite:.refold/log.db --to jsonl:lines', 'to plain files; postgres://HOST/DATABASE?log=NAME is the third engine'],
    ['refold migrate --from sqlite:.refold/log.db --to jsonl:lines --dry-run', 'what came since, and whether the copy is still one'],
  ],
  resumes: true,
  async run(session, { options }) {
    const { output, world } = session;
    const [from, to] = [urlOf(options, 'from', world.cwd), urlOf(options, 'to', world.cwd)];
    const isDryRun = isSet(options, 'dryRun');
    const { durability } = storeSettings(session.config().config);
    const progress = session.progress('migrate');
    const report = await migrateStore({
      from,
      to,
      isDryRun,
      signal: world.signal,
      ...(durability === undefined ? {} : { durability }),
      ...(world.ports === undefined ? {} : { ports: world.ports }),
      onProgress: ({ step, done, total }) => progress.update({ done, total, unit: 'events', note: wordOf[step] }),
    });
    progress.end();
    output.answer(report, ({ events, present, copied, erased, values, root, audit }) => {
      if (isDryRun) return output.line(`would copy ${counted(events - present, 'event')}; ${counted(present, 'event')} ${present === 1 ? 'is' : 'are'} there and the same`);
      output.line(`${output.style('green', 'ok')}  ${counted(events, 'event')}, the same position by position; ${grouped(copied)} copied now`);
      if (erased > 0) output.line(`erased  ${counted(erased, 'payload')} that the source erased since`);
      if (values > 0) output.line(`beside  ${counted(values, 'value')} written: blobs, keys, snapshots`);
      if (audit !== null) output.line(`audit  ${counted(audit.events, 'event')} of the audit log beside it`);
      output.line(`tree  size ${grouped(events)}  root ${root}`);
    });
    if (isDryRun) return output.note('nothing written.');
    // Of a path what a person would write; of a database the whole address.
    output.hint(`refold serve --store "${report.to.includes('//') ? report.to : shownUrl(report.to, world.cwd)}"`);
  },
});

/** @throws LogError BAD_REQUEST when it was not given. */
function urlOf(options: Options, name: 'from' | 'to', cwd: string): string {
  const url = textOf(options, name);
  if (url === undefined) throw usage(`--${name} is missing.`, 'usage', 'refold migrate --from sqlite:.refold/log.db --to jsonl:lines');
  return absoluteUrl(url, cwd);
}
