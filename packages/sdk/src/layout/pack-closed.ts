/**
 * Packs what is over (K-045): `events.jsonl` of every day before the newest, and in those days the snapshots that are not the newest
 * of their issue. Which files are packed follows from the log's prefix alone, so a copy that is derived again has the same ones.
 */
import type { LayoutFiles } from './layout-files.ts';
import type { Partition } from './partition.ts';

/** Everything that is over and was not packed yet. */
export function packAllClosed(files: LayoutFiles): void {
  packDays(files, files.days());
}

/**
 * What some new events have ended.
 *
 * @param before   The newest day until then; undefined when there was none.
 * @param snapped  Folders that have a new snapshot: an older one of their issue is no longer the newest.
 */
export function packEnded(files: LayoutFiles, before: string | undefined, snapped: readonly Partition[]): void {
  const days = files.days();
  const newest = days.at(-1);
  if (newest === undefined) return;
  if (newest !== before) packDays(files, days.filter((day) => before === undefined || day >= before));
  for (const partition of snapped) packIssue(files, partition, newest);
}

function packDays(files: LayoutFiles, days: readonly string[]): void {
  const newest = days.at(-1);
  if (newest === undefined) return;
  for (const day of days.toReversed()) for (const { issue_key: issue } of files.issuesOf(day)) packIssue(files, { day, issue }, newest);
}

/** The folders of an issue, from one day back, until one whose snapshots were all packed before: what is older was, too. */
function packIssue(files: LayoutFiles, { day: from, issue }: Partition, newestDay: string): void {
  let hasNewer = false;
  for (let day: string | null = from; day !== null; ) {
    const partition: Partition = { day, issue };
    const metadata = files.metadata(partition);
    if (metadata === null) return;
    const older = hasNewer ? metadata.snapshots : metadata.snapshots.slice(0, -1);
    const isOver = day < newestDay;
    const packed = isOver ? ['events.jsonl', ...older.map((revision) => `snapshot-${revision}.json`)].filter((name) => files.pack(partition, name)) : [];
    if (isOver && hasNewer && metadata.snapshots.length > 0 && packed.length === 0) return;
    hasNewer ||= metadata.snapshots.length > 0;
    day = metadata.previous_day;
  }
}
