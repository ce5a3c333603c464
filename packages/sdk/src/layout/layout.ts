/**
 * The layout of documents 000 and 001 as a live copy of any log: a consumer that goes on from a watermark in the folder.
 *
 * What it keeps true: the copy is derived and never trusted. Each folder's metadata says how many bytes of its `events.jsonl`
 * count and up to which position, so that a crash between two files is gone on from without doubling a line; the watermark
 * comes last. What does not fit when it is opened (a file that is absent, cut, edited, of another epoch) is reported, and the
 * whole copy is derived again, byte for byte as it was.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialects } from '@refold/catalog';
import { createDialects } from '@refold/catalog';
import type { EventEnvelope, Log, Position } from '@refold/core';
import { reconstruct } from '@refold/core';
import { payloadSchema, travelParts } from '@refold/operations';
import type { OperationContext } from '@refold/operations';
import { checkLayout } from './check-layout.ts';
import type { LayoutFault } from './check-layout.ts';
import { layoutFilesIn } from './layout-files.ts';
import type { LayoutFiles } from './layout-files.ts';
import { packAllClosed, packEnded } from './pack-closed.ts';
import { partitionOf, withEvent } from './partition.ts';
import type { IssueMetadata, Partition } from './partition.ts';

export interface LayoutOptions {
  /** `base_path` of document 000. */
  readonly folder: string;
  /** A snapshot file every so many events of an issue's orchestration; 0 = none. Default 50. */
  readonly snapshotEvery?: number;
  /** Packs the files of days that are over. Default false. */
  readonly compress?: boolean;
  /** When nothing more is written to the folder. */
  readonly release?: () => void;
}

export interface Layout {
  /** What did not fit when it was opened, and was derived again. */
  readonly faults: readonly LayoutFault[];
  /** What went wrong while the copy followed the log, until it went well again; null when nothing did. The log itself does not need its copy. */
  readonly failure: unknown;
  /** Works through everything up to the head at the time of the call. */
  catchUp(): Promise<Position>;
  /** Holds every line and every snapshot against what the copy says of itself. */
  check(): readonly LayoutFault[];
  /** Throws everything derived away and derives it again: the same bytes. */
  rebuild(): Promise<void>;
  /** Catches up, if it can, and stops following. */
  close(): Promise<void>;
}

/** Events that are derived in one go: replacing the metadata of an issue costs more than a hundred lines of it. */
const gatheredMax = 10_000;

interface Watermark {
  readonly position: Position;
  readonly epoch: string;
}

/** Opens the copy and follows the log until it is closed. */
export async function openLayout(context: OperationContext, { folder, snapshotEvery = 50, compress = false, release = () => undefined }: LayoutOptions): Promise<Layout> {
  const { log } = context;
  const files = layoutFilesIn(folder);
  const parts: Parts = { files, context, dialects: createDialects(log.registry), snapshotEvery, compress };
  const { epoch, position: head } = await log.head();
  const faults = checkLayout(files, null);
  const known = watermarkIn(files);
  const isUseless = faults.length > 0 || known === null || known.epoch !== epoch || known.position > head;
  if (isUseless) files.clear();
  // A crash may have come before the files of a day that was over were packed.
  if (compress) packAllClosed(files);
  let position = isUseless ? 0 : known.position;
  let failure: unknown = null;
  let underWay: Promise<unknown> = Promise.resolve();
  const stop = new AbortController();

  async function work(): Promise<Position> {
    let gathered: EventEnvelope[] = [];
    for await (const page of log.events({ after: position })) {
      gathered.push(...page.events);
      if (gathered.length < gatheredMax) continue;
      await settle(gathered);
      gathered = [];
    }
    await settle(gathered);
    failure = null;
    return position;
  }
  async function settle(events: readonly EventEnvelope[]): Promise<void> {
    const last = events.at(-1);
    if (last === undefined) return;
    if (position === 0) writeSchemas(files, log);
    await derive(parts, events);
    files.write('.layout.json', { position: last.position, epoch } satisfies Watermark);
    position = last.position;
  }
  /** One at a time: a second caller waits and then looks again, since the log may have grown. */
  function catchUp(): Promise<Position> {
    const next = underWay.then(work);
    underWay = next.catch((error: unknown) => (failure = error));
    return next;
  }
  async function follow(): Promise<void> {
    try {
      await catchUp().catch(() => undefined);
      for await (const hint of log.driver.watch(position, stop.signal)) if (hint > position) await catchUp().catch(() => undefined);
    } catch (error) {
      // Being stopped is how it ends.
      if (!stop.signal.aborted) failure = error;
    }
  }

  const following = follow();
  return {
    faults,
    get failure() {
      return failure;
    },
    catchUp,
    check: () => checkLayout(files, log.ports.hasher),
    async rebuild() {
      await underWay;
      files.clear();
      position = 0;
      await catchUp();
    },
    async close() {
      await catchUp().catch(() => undefined);
      stop.abort();
      await following;
      release();
    },
  };
}

function watermarkIn(files: LayoutFiles): Watermark | null {
  const path = join(files.root, '.layout.json');
  if (!existsSync(path)) return null;
  try {
    const { position, epoch } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Watermark>;
    return typeof position === 'number' && typeof epoch === 'string' ? { position, epoch } : null;
  } catch {
    return null;
  }
}

interface Parts {
  readonly files: LayoutFiles;
  readonly context: OperationContext;
  readonly dialects: Dialects;
  readonly snapshotEvery: number;
  readonly compress: boolean;
}

async function derive(parts: Parts, events: readonly EventEnvelope[]): Promise<void> {
  const { files, compress } = parts;
  const touched = new Set<string>();
  const snapped: Partition[] = [];
  const placed = events.filter((event) => partitionOf(event) !== null);
  const groups = Map.groupBy(placed, (event) => JSON.stringify(partitionOf(event)));
  const before = compress ? files.days().at(-1) : undefined;
  for (const [key, group] of groups) {
    const partition = JSON.parse(key) as Partition;
    if (await deriveIssue(parts, partition, group)) snapped.push(partition);
    touched.add(partition.day);
  }
  for (const day of touched) files.writeIndex(day);
  if (compress) packEnded(files, before, snapped);
}

/** True when a snapshot was written. */
async function deriveIssue({ files, context, dialects, snapshotEvery }: Parts, partition: Partition, group: readonly EventEnvelope[]): Promise<boolean> {
  const before = files.metadata(partition);
  // A crash may have come between this folder and the watermark.
  const fresh = group.filter(({ position }) => position > (before?.last_position ?? 0));
  if (fresh.length === 0) return false;
  const previousDay = before === null ? files.dayBefore(partition) : before.previous_day;
  let metadata: IssueMetadata | null = before;
  const lines: string[] = [];
  for (const event of fresh) {
    const line = JSON.stringify(dialects.jira.toForeign(event));
    metadata = withEvent(metadata, event, line, partition, previousDay, context.log.ports.hasher);
    lines.push(line);
  }
  const snapshots = snapshotEvery === 0 ? [] : fresh.filter((event) => event.streamType === 'orchestration' && event.streamId === partition.issue && event.revision % snapshotEvery === 0);
  for (const event of snapshots) await writeSnapshot(files, context, partition, event);
  files.append(partition, before?.bytes ?? 0, lines);
  const inFolder = files.folderOf(partition).slice(files.root.length + 1);
  files.write(join(inFolder, 'metadata.json'), { ...metadata!, snapshots: [...metadata!.snapshots, ...snapshots.map(({ revision }) => revision)] } satisfies IssueMetadata);
  return snapshots.length > 0;
}

/** The state at a revision never changes, so a snapshot is the same whenever it is made. */
async function writeSnapshot(files: LayoutFiles, context: OperationContext, partition: Partition, event: EventEnvelope): Promise<void> {
  const { streamType, streamId, revision } = event;
  const { state, stateHash } = await reconstruct(travelParts(context), { streamType, streamId }, { kind: 'revision', revision });
  const inFolder = files.folderOf(partition).slice(files.root.length + 1);
  files.write(join(inFolder, `snapshot-${revision}.json`), { issue_key: partition.issue, stream: `${streamType}/${streamId}`, sequence: revision, position: event.position, event_id: event.id, recorded_at: event.recordedAt, state_hash: stateHash, state });
}

/** `schemas/`: every type with the shape of its payload, and which version came when. */
function writeSchemas(files: LayoutFiles, log: Log): void {
  const types = log.registry.eventTypes().toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const spelling = (name: string): string => log.registry.alias(name, 'jira') ?? name;
  files.write(join('schemas', 'orchestration-events.json'), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Payloads (metadata) by event_type',
    $defs: Object.fromEntries(types.map((type) => [spelling(type.name), payloadSchema(log, type)])),
  });
  files.write(join('schemas', 'version-history.json'), { types: Object.fromEntries(types.map((type) => [spelling(type.name), [{ version: type.schemaVersion, change: 'initial' }]])) });
}
