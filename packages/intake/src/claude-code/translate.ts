/**
 * Claude Code transcripts: session files, their sub-agents' files, the web export. The format belongs to the tool and drifts
 * with every release, so nothing is demanded of a record but that it is an object; what is not known is kept as it is.
 *
 * What it keeps true:
 * - one record, one commit; the same record gives the same commit from any copy of the file, however much longer it grew;
 * - a file's own order is kept; files of one session are merged by the running maximum of their times, main file first;
 * - a sub-agent's record that the main file repeats (`agent_progress`) is one set of events, the sub-agent file's if it is there.
 *
 * Source: INTAKE.md, section 5; samples of versions 1.0 to 2.1.39.
 */
import type { JsonObject } from '@refold/core';
import { buildCommit } from '../commit-builder.ts';
import type { RecordOrigin } from '../commit-builder.ts';
import { createIdentity } from '../identity.ts';
import type { Identity } from '../identity.ts';
import { objectIn, without, wordIn } from '../json-shape.ts';
import { countIn, createReport } from '../report.ts';
import type { IntakeReport } from '../report.ts';
import { createSeenRecords } from '../seen-records.ts';
import type { SeenRecords } from '../seen-records.ts';
import type { IntakeCommit, IntakeContext, Translator } from '../source.ts';
import { findAgentLinks, linkIn } from './agent-links.ts';
import type { AgentLinks } from './agent-links.ts';
import { groupFiles } from './layout.ts';
import { mergeByTime } from './merge.ts';
import type { MergedRecord } from './merge.ts';
import { envelopeKeys, mapMessage } from './message.ts';
import { mapProgress } from './progress.ts';
import { inThread, keep, sourceTypeOf, tool } from './record-context.ts';
import type { Mapping, RecordContext } from './record-context.ts';
import { agentName, agentRunId, createSession, isCompaction, threadOf } from './session.ts';
import type { Session } from './session.ts';
import { beginSession, mapPullRequest, mapTitle, noteChanges } from './session-facts.ts';
import { mapSystem } from './system.ts';
import { readTranscript } from './transcript.ts';

const producerName = 'claude-code';

export const translateClaudeCode: Translator = async function* (files, context) {
  const identity = createIdentity(context.hasher, context.uuidVersion);
  const seen = createSeenRecords();
  for (const group of await groupFiles(files, context.report)) {
    const links = await findAgentLinks(group, context.lineBytesMax);
    const sessions = new Map<string, Session>();
    const open = [...(group.main === null ? [] : [group.main]), ...group.agents].map((file) => readTranscript(file, context, identity));
    for await (const merged of mergeByTime(open)) {
      const commit = translateRecord(merged, { context, identity, seen, sessions, links });
      if (commit !== null) yield commit;
    }
    for (const session of sessions.values()) for (const call of session.calls.values()) if (!call.isEnded) context.report.openToolCalls++;
  }
};

interface Walk {
  readonly context: IntakeContext;
  readonly identity: Identity;
  readonly seen: SeenRecords;
  readonly sessions: Map<string, Session>;
  readonly links: AgentLinks;
}

/** @returns null for a record that was here before. */
function translateRecord({ record: source, next }: MergedRecord, walk: Walk): IntakeCommit | null {
  const { context, identity } = walk;
  const record = source.value;
  const session = sessionOf(source.sessionId, walk);
  const agentId = wordIn(record.agentId) ?? null;
  const uuid = wordIn(record.uuid);
  const nativeId = uuid ?? numbered(session, record, agentId);
  const base = `${producerName}|${session.id}|${nativeId}`;
  const key = walk.seen.keyFor(base, source.sha256);
  if (key === null && uuid !== undefined && session.mainEvents.has(uuid)) {
    context.report.repeats++;
    return null;
  }
  // A repeat from another copy of the file is walked, because what follows builds on it, but neither written nor counted.
  const report = key === null ? createReport() : context.report;
  if (key === null) context.report.repeats++;
  else if (key !== base) report.duplicatesWithOtherContent.push({ file: source.file, line: source.line, byte: source.byte, key });
  countRecord(record, report);

  const isLate = session.lateness.isLate(session.id, source.time.ms, report);

  const origin: RecordOrigin = {
    position: { file: source.file, line: source.line, byte: source.byte },
    key: key ?? base,
    nativeId,
    producer: producerName,
    format: source.format,
    ...(wordIn(record.version) === undefined ? {} : { formatVersion: wordIn(record.version)! }),
    nativeType: sourceTypeOf(record),
    sha256: source.sha256,
    sanitized: source.sanitized,
    time: isLate ? { ...source.time, isLate } : source.time,
  };
  const parent = parentOf(record, session, report);
  const nested = nestedRecord(record);
  const commit = buildCommit(origin, {
    identity,
    report,
    stream: session.stream,
    correlationId: session.id,
    sessionId: session.id,
    ...(nested === null ? {} : { eventKey: `${producerName}|${session.id}|${nested.uuid}` }),
    ...(parent === undefined ? {} : { causationId: parent }),
    ...(context.importedBy === undefined ? {} : { importedBy: context.importedBy }),
  });
  const thread = threadOf(session, nested?.agentId ?? agentId);
  const here: RecordContext = { record, nativeId, session, thread, commit, report, next };

  beginSession(here);
  learnLink(here);
  noteChanges(here);
  const rest = nested === null ? mapOwnRecord(here) : mapNestedRecord(here, nested);
  const mainId = commit.mainId();
  if (uuid !== undefined && mainId !== undefined) session.mainEvents.set(uuid, mainId);
  return key === null ? null : commit.finish(rest);
}

function sessionOf(id: string, { sessions, links }: Walk): Session {
  let session = sessions.get(id);
  if (session === undefined) sessions.set(id, (session = createSession(id, links)));
  return session;
}

/** Name of a record without a uuid: its kind, and how many of that kind came before it in its file. */
function numbered(session: Session, record: JsonObject, agentId: string | null): string {
  const kind = `${agentId === null ? '' : `agent-${agentId}/`}${wordIn(record.type) ?? 'record'}`;
  const count = session.counters.get(kind) ?? 0;
  session.counters.set(kind, count + 1);
  return `${kind}#${count}`;
}

function countRecord(record: JsonObject, report: IntakeReport): void {
  countIn(report.recordsByType, sourceTypeOf(record));
  const version = wordIn(record.version);
  if (version === undefined) return;
  if (!Object.hasOwn(report.versions, version) && !/^[12]\./.test(version)) report.unknownVersions.push(version);
  countIn(report.versions, version);
}

/** A compaction begins a new tree of records; what it follows stands in a field of its own. */
function parentOf(record: JsonObject, session: Session, report: IntakeReport): string | undefined {
  const uuid = wordIn(record.parentUuid) ?? wordIn(record.logicalParentUuid);
  if (uuid === undefined) return undefined;
  const parent = session.mainEvents.get(uuid);
  if (parent === undefined) report.danglingParents++;
  return parent;
}

/** A main thread's record may name the call that started a sub-agent. */
function learnLink({ record, session, report }: RecordContext): void {
  const link = linkIn(record);
  if (link === null || session.agents.has(link.agentId)) return;
  session.links.calls.set(link.agentId, link.call);
  session.agents.add(link.agentId);
  report.subAgentsLinked++;
}

interface NestedRecord {
  readonly record: JsonObject;
  readonly uuid: string;
  readonly agentId: string;
}

/** The sub-agent's record inside `agent_progress`. It lacks what the outer record says. */
function nestedRecord(outer: JsonObject): NestedRecord | null {
  const progress = outer.type === 'progress' ? objectIn(outer.data) : undefined;
  const record = objectIn(progress?.message);
  const [uuid, agentId] = [wordIn(record?.uuid), wordIn(progress?.agentId)];
  if (progress?.type !== 'agent_progress' || record === undefined || uuid === undefined || agentId === undefined) return null;
  return { record: { ...record, sessionId: outer.sessionId ?? null, agentId, isSidechain: true, gitBranch: outer.gitBranch ?? null }, uuid, agentId };
}

function mapNestedRecord(context: RecordContext, nested: NestedRecord): JsonObject | undefined {
  const { session, record } = context;
  const inner: RecordContext = { ...context, record: nested.record, nativeId: nested.uuid };
  const known = session.mainEvents.get(nested.uuid);
  if (known !== undefined || session.links.ownRecords.has(nested.uuid)) return void keep(context, 'corroborates', { part: 'copy', refersTo: known ?? nested.uuid });
  const rest = mapByType(inner);
  session.mainEvents.set(nested.uuid, context.commit.mainId()!);
  const outer = without(record, [...envelopeKeys, 'data']);
  const progress = without(objectIn(record.data)!, ['message', 'agentId']);
  return { ...(rest === undefined ? {} : rest), outer: { ...outer, ...(progress === undefined ? {} : { data: progress }) } };
}

function mapOwnRecord(context: RecordContext): JsonObject | undefined {
  const { thread, session, commit, report } = context;
  if (thread.agentId !== null) {
    if (isCompaction(thread.agentId)) return void keep(context, 'bookkeeping', { sourceType: `compaction:${sourceTypeOf(context.record)}` });
    if (!session.agents.has(thread.agentId)) {
      session.agents.add(thread.agentId);
      if (session.links.calls.has(thread.agentId)) report.subAgentsLinked++;
      else spawnAlone(context, thread.agentId);
    }
  }
  const rest = mapByType(context);
  if (commit.mainId() === undefined) keep(context, 'bookkeeping');
  return rest;
}

/** A sub-agent whose parent is not in sight; the fold joins it with its call when one turns up. */
function spawnAlone(context: RecordContext, agentId: string): void {
  const { session, commit, report } = context;
  report.subAgentsWithoutParent++;
  const id = agentRunId(session, agentId);
  const data = { agent_name: agentName(session, agentId), agent_run_id: id, agent_id: agentId };
  commit.add('agent', { ...inThread(context, { type: 'agent_run.spawned', data, actor: tool }), derived: 'sub-agent file without a visible parent' });
}

function mapByType(context: RecordContext): JsonObject | undefined {
  const rest = mappingOf(context.record)(context);
  if (rest !== null) return rest;
  keep(context, isBookkeeping(context.record) ? 'bookkeeping' : 'unknown_type');
  return undefined;
}

function mappingOf(record: JsonObject): Mapping {
  switch (record.type) {
    case 'user':
    case 'assistant':
      return mapMessage;
    case 'progress':
      return mapProgress;
    case 'system':
      return mapSystem;
    case 'summary':
    case 'custom-title':
    case 'ai-title':
      return mapTitle;
    case 'pr-link':
      return mapPullRequest;
    default:
      return () => null;
  }
}

const bookkeeping = new Set(['file-history-snapshot', 'queue-operation', 'system:local_command']);
const isBookkeeping = (record: JsonObject): boolean => bookkeeping.has(sourceTypeOf(record));
