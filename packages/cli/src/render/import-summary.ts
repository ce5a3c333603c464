/** What an import did, in a few lines. */
import { counted, grouped } from '../output.ts';
import type { Output } from '../output.ts';

interface ImportReport {
  readonly files: number;
  readonly recordsRead: number;
  readonly recordsByFile: { readonly [file: string]: number };
  readonly streams: readonly string[];
  readonly eventsByType: { readonly [type: string]: number };
  readonly rejectCount: number;
  readonly rejects: readonly { readonly file: string; readonly line: number; readonly code: string; readonly reason: string }[];
  readonly stepsBackInTime: number;
  readonly stepsBackByFile: { readonly [file: string]: number };
  readonly deniedCalls: number;
  readonly recordsWithoutTime: number;
  readonly blankLines: number;
  readonly repeats: number;
  readonly unfinishedLines: readonly unknown[];
  readonly warnings: readonly string[];
}

/** The answer of importRecords; its report as the importers fill it. */
export interface ImportAnswer {
  readonly producer: string;
  readonly new: number;
  readonly alreadyPresent: number;
  readonly eventsWritten: number;
  readonly refused: readonly { readonly file: string; readonly line: number; readonly code: string; readonly reason: string }[];
  readonly report: ImportReport;
}

const streamsShown = 5;
const typesShown = 6;
const rejectsShown = 10;

export function printImport(output: Output, { report, refused, ...answer }: ImportAnswer): void {
  if (report.recordsRead === 0 && report.rejectCount + refused.length === 0) return output.line(`0 new: no records in ${counted(report.files, 'file')}`);
  if (answer.new === 0 && report.rejectCount + refused.length === 0) return output.line(`0 new, ${grouped(answer.alreadyPresent)} records already present`);
  const shown = report.streams.slice(0, streamsShown);
  for (const stream of shown) output.line(output.style('bold', output.safe(stream)));
  if (report.streams.length > shown.length) output.line(`and ${counted(report.streams.length - shown.length, 'stream')} more`);
  output.line(`  ${recordsText(report)} (${answer.producer})   new ${grouped(answer.new)}   already present ${grouped(answer.alreadyPresent)}   events written ${grouped(answer.eventsWritten)}`);
  const calls = callsText(report);
  if (calls !== null) output.line(`  ${calls}`);
  const types = Object.entries(report.eventsByType).sort(([, a], [, b]) => b - a);
  if (types.length > 0) output.line(`  ${types.slice(0, typesShown).map(([type, count]) => `${output.safe(type)} ${grouped(count)}`).join('   ')}${types.length > typesShown ? `   and ${counted(types.length - typesShown, 'type')} more` : ''}`);
  output.line(`  ${facts(report).join('   ')}`);
  const rejects = [...report.rejects, ...refused];
  for (const { file, line, code, reason } of rejects.slice(0, rejectsShown)) output.line(`  ${output.style('red', 'rejected')}  ${output.safe(file)}:${line}  ${code}  ${output.safe(reason.replaceAll('_', ' '))}`);
  if (rejects.length > rejectsShown) output.line(`  and ${grouped(rejects.length - rejectsShown)} more`);
  for (const warning of report.warnings) output.note(`refold: warning: ${output.safe(warning)}`);
}

function facts(report: ImportReport): readonly string[] {
  const counts: readonly (readonly [number, string])[] = [
    [stepsBackInMain(report), 'earlier than the one before (kept in file order)'],
    [report.stepsBackInTime - stepsBackInMain(report), 'more of them in sub-agent files'],
    [report.recordsWithoutTime, 'without a time (inferred)'],
    [report.repeats, 'the same again'],
    [report.blankLines, 'blank lines'],
    [report.unfinishedLines.length, report.unfinishedLines.length === 1 ? 'unfinished line, left for the next run' : 'unfinished lines, left for the next run'],
  ];
  return [...counts.filter(([count]) => count > 0).map(([count, what]) => `${grouped(count)} ${what}`), `rejected ${grouped(report.rejectCount)}`];
}

/** `1,863 records + 14 in 2 sub-agent files`; a file below the folder of another is one of its sub-agents. */
function recordsText({ recordsByFile, recordsRead, files }: ImportReport): string {
  const counts = Object.entries(recordsByFile);
  const below = counts.filter(([name]) => isSubAgentFile(name));
  if (below.length === 0 || below.length === counts.length) return `${grouped(recordsRead)} records in ${grouped(files)} ${files === 1 ? 'file' : 'files'}`;
  const inside = below.reduce((sum, [, count]) => sum + count, 0);
  return `${grouped(recordsRead - inside)} records + ${grouped(inside)} in ${below.length} sub-agent ${below.length === 1 ? 'file' : 'files'}`;
}

const isSubAgentFile = (name: string): boolean => name.includes('/subagents/');

const stepsBackInMain = ({ stepsBackInTime, stepsBackByFile }: ImportReport): number =>
  Object.entries(stepsBackByFile).length === 0 ? stepsBackInTime : Object.entries(stepsBackByFile).reduce((sum, [name, count]) => (isSubAgentFile(name) ? sum : sum + count), 0);

/** What an agent run is made of, in the words of a person; null when there were no calls. */
function callsText({ eventsByType, deniedCalls }: ImportReport): string | null {
  const count = (type: string): number => eventsByType[type] ?? 0;
  if (count('tool_call.started') === 0) return null;
  const parts: readonly (readonly [string, number])[] = [
    ['sub-agents', count('agent_run.spawned')],
    ['compactions', count('context.compacted')],
    ['commits', count('git.commit_created')],
  ];
  const outcomes = `${grouped(count('tool_call.completed'))} done, ${grouped(count('tool_call.failed') - deniedCalls)} failed${deniedCalls === 0 ? '' : `, ${grouped(deniedCalls)} denied`}`;
  return [`tool calls ${grouped(count('tool_call.started'))} (${outcomes})`, ...parts.filter(([, number]) => number > 0).map(([what, number]) => `${what} ${grouped(number)}`)].join('   ');
}

/** Several answers as one: figures added, lists joined. */
export function summedImports(answers: readonly ImportAnswer[]): ImportAnswer {
  const [first, ...others] = answers;
  return others.reduce((sum, next) => added(sum, next) as ImportAnswer, first!);
}

function added(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return [...new Set<unknown>([...(a as unknown[]), ...(b as unknown[])])];
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
    return Object.fromEntries([...new Set([...Object.keys(left), ...Object.keys(right)])].map((key) => [key, Object.hasOwn(left, key) && Object.hasOwn(right, key) ? added(left[key], right[key]) : (left[key] ?? right[key])]));
  }
  return a;
}
