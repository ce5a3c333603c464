/**
 * Which files belong to one session. `<session>.jsonl` is the main file; beside it stands a folder of the same name with
 * `subagents/agent-<id>.jsonl`, their `.meta.json`, and large outputs. Older versions put `agent-<id>.jsonl` next to the main file.
 */
import { readHead } from '../reader.ts';
import type { IntakeReport } from '../report.ts';
import type { SourceFile, SourceFiles } from '../source.ts';

export interface SessionFiles {
  main: SourceFile | null;
  agents: SourceFile[];
  /** `agent-<id>.meta.json`, by agent id. */
  metas: Map<string, SourceFile>;
}

const inFolder = /^(.*?)\/subagents\/(?:.*\/)?agent-([^/]+?)\.(jsonl|meta\.json)$/;
const besideMain = /^(.*\/|)agent-([^/]+)\.jsonl$/;
const outputs = /\/tool-results\//;

/** Groups in the order in which their first file came. */
export async function groupFiles(files: SourceFiles, report: IntakeReport): Promise<readonly SessionFiles[]> {
  const groups = new Map<string, SessionFiles>();
  const groupOf = (name: string): SessionFiles => {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const fresh = { main: null, agents: [], metas: new Map<string, SourceFile>() };
    groups.set(name, fresh);
    return fresh;
  };
  const loose: { file: SourceFile; folder: string }[] = [];

  /** A transcript and an export of the same name are two sessions; the sub-agents beside them belong to the transcript. */
  const addMain = (file: SourceFile): void => {
    const group = groupOf(stemOf(file.name));
    const other = group.main;
    group.main = other === null || file.name.endsWith('.jsonl') ? file : other;
    const left = group.main === file ? other : file;
    if (left !== null) groupOf(left.name).main = left;
  };

  for await (const file of files) {
    const inner = inFolder.exec(file.name);
    const beside = besideMain.exec(file.name);
    if (outputs.test(file.name)) report.filesIgnored.push(file.name);
    else if (inner !== null && inner[3] === 'jsonl') groupOf(inner[1]!).agents.push(file);
    else if (inner !== null) groupOf(inner[1]!).metas.set(inner[2]!, file);
    else if (beside !== null) loose.push({ file, folder: beside[1]! });
    else addMain(file);
  }
  for (const { file, folder } of loose) {
    const session = await sessionIn(file);
    const home = session === null ? undefined : groups.get(folder + session);
    (home ?? groupOf(stemOf(file.name))).agents.push(file);
  }
  return [...groups.values()];
}

/** Path without its extension; the file's name is the session's when no record names one. */
const stemOf = (name: string): string => name.replace(/\.[^./]+$/, '');

export const sessionOfName = (name: string): string => stemOf(name).split('/').at(-1) ?? name;

async function sessionIn(file: SourceFile): Promise<string | null> {
  const head = new TextDecoder().decode(await readHead(file));
  return /"sessionId"\s*:\s*"([^"]+)"/.exec(head)?.[1] ?? null;
}
