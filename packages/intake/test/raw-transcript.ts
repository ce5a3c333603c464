/**
 * The second opinion: counts made straight from a transcript's lines with nothing of the product in between, so that a
 * figure in a test is not the translator's word for itself.
 */
import { readFileSync } from 'node:fs';

// oxlint-disable-next-line no-explicit-any -- Lines of a foreign format, looked at as they are.
type Raw = any;

export interface RawCounts {
  readonly records: number;
  readonly callsByTool: Record<string, number>;
  readonly failedByTool: Record<string, number>;
  readonly answered: number;
  readonly withoutTime: number;
  readonly stepsBack: number;
  /** Largest output by message id. */
  readonly outputs: ReadonlyMap<string, number>;
}

export const rawLines = (path: string): readonly Raw[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

export function countRaw(lines: readonly Raw[]): RawCounts {
  const toolOf = new Map<string, string>();
  const callsByTool: Record<string, number> = {};
  const failedByTool: Record<string, number> = {};
  const answers = new Set<string>();
  const outputs = new Map<string, number>();
  let [withoutTime, stepsBack, previous] = [0, 0, ''];
  for (const line of lines) {
    if (line.timestamp === undefined) withoutTime++;
    else {
      if (line.timestamp < previous) stepsBack++;
      previous = line.timestamp;
    }
    if (line.type === 'assistant') outputs.set(line.message.id, Math.max(outputs.get(line.message.id) ?? 0, line.message.usage?.output_tokens ?? 0));
    for (const block of Array.isArray(line.message?.content) ? line.message.content : []) {
      if (block.type === 'tool_use') {
        toolOf.set(block.id, block.name);
        callsByTool[block.name] = (callsByTool[block.name] ?? 0) + 1;
      }
      if (block.type !== 'tool_result') continue;
      answers.add(block.tool_use_id);
      const tool = toolOf.get(block.tool_use_id)!;
      if (block.is_error === true) failedByTool[tool] = (failedByTool[tool] ?? 0) + 1;
    }
  }
  return { records: lines.length, callsByTool, failedByTool, answered: answers.size, withoutTime, stepsBack, outputs };
}

/** Calls of the main thread as of an instant, again from the lines alone. */
export function rawCallsAt(lines: readonly Raw[], at: string): { readonly started: number; readonly ended: number; readonly failed: number; readonly open: readonly string[] } {
  const open = new Map<string, string>();
  let [started, ended, failed] = [0, 0, 0];
  for (const line of lines) {
    if (line.timestamp === undefined || Date.parse(line.timestamp) > Date.parse(at)) continue;
    for (const block of Array.isArray(line.message?.content) ? line.message.content : []) {
      if (block.type === 'tool_use') {
        started++;
        open.set(block.id, block.name);
      }
      if (block.type !== 'tool_result') continue;
      ended++;
      if (block.is_error === true) failed++;
      open.delete(block.tool_use_id);
    }
  }
  return { started, ended, failed, open: [...open.values()] };
}
