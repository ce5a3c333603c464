/**
 * Looks ahead in a session that has sub-agent files: which tool call started which agent, and which records stand in the
 * agents' own files. The main file names the link only when the agent is done, long after the agent's first record.
 */
import type { JsonObject } from '@refold/core';
import { listIn, objectIn, textIn } from '../json-shape.ts';
import { readLines } from '../reader.ts';
import type { SourceFile } from '../source.ts';
import type { SessionFiles } from './layout.ts';

export interface AgentLinks {
  /** Tool call that started an agent, by agent id. */
  readonly calls: Map<string, string>;
  /** Type of agent as its `.meta.json` says, by agent id. */
  readonly names: Map<string, string>;
  /** Uuids of the records in agents' files; their copies in the main file only corroborate. */
  readonly ownRecords: Set<string>;
}

const noLinks = (): AgentLinks => ({ calls: new Map(), names: new Map(), ownRecords: new Set() });

export async function findAgentLinks(files: SessionFiles, lineBytesMax: number | undefined): Promise<AgentLinks> {
  const links = noLinks();
  if (files.agents.length === 0) return links;
  for (const [agentId, file] of files.metas) {
    const meta = await firstObject(file);
    const [call, name] = [textIn(meta?.toolUseId), textIn(meta?.agentType)];
    if (call !== undefined) links.calls.set(agentId, call);
    if (name !== undefined) links.names.set(agentId, name);
  }
  for (const file of files.agents) for await (const record of lenientRecords(file, '"uuid"', lineBytesMax)) if (typeof record.uuid === 'string') links.ownRecords.add(record.uuid);
  if (files.main !== null)
    for await (const record of lenientRecords(files.main, '"agentId"', lineBytesMax)) {
      const link = linkIn(record);
      if (link !== null) links.calls.set(link.agentId, link.call);
    }
  return links;
}

/** The link that a record of the main thread names, if it names one. */
export function linkIn(record: JsonObject): { readonly agentId: string; readonly call: string } | null {
  const progress = objectIn(record.data);
  const agentId = textIn(progress?.type === 'agent_progress' ? progress.agentId : objectIn(record.toolUseResult)?.agentId);
  const call = progress?.type === 'agent_progress' ? textIn(record.parentToolUseID) : resultCall(record);
  return agentId === undefined || call === undefined ? null : { agentId, call };
}

function resultCall(record: JsonObject): string | undefined {
  for (const block of listIn(objectIn(record.message)?.content) ?? []) {
    const result = objectIn(block);
    if (result?.type === 'tool_result') return textIn(result.tool_use_id);
  }
  return undefined;
}

const decoder = new TextDecoder();

/** Records that contain a word. Lines that are no record are left to the real reading, which reports them. */
async function* lenientRecords(file: SourceFile, word: string, lineBytesMax: number | undefined): AsyncGenerator<JsonObject> {
  for await (const lines of readLines(file.open(), lineBytesMax))
    for (const line of lines) {
      const text = line.bytes === null ? '' : decoder.decode(line.bytes);
      const record = text.includes(word) ? parsed(text) : undefined;
      if (record !== undefined) yield record;
    }
}

async function firstObject(file: SourceFile): Promise<JsonObject | undefined> {
  let text = '';
  for await (const chunk of file.open()) text += decoder.decode(chunk, { stream: true });
  return parsed(text + decoder.decode());
}

function parsed(text: string): JsonObject | undefined {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return undefined;
  }
}
