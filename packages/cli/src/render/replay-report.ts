/** What a replay did or would do, in a few lines: how many events of each outcome, and which of them must not happen twice. */
import type { ReplayAnswer } from '@refold/operations';
import { counted, grouped } from '../output.ts';
import type { Column, Output } from '../output.ts';
import { cut } from '../terminal-text.ts';
import { numberText } from './event-rows.ts';
import { durationText } from './duration-text.ts';
import { inlineText } from './state-tree.ts';

type Row = ReplayAnswer['summary'][number];
type Step = ReplayAnswer['steps'][number];

export function printReplay(output: Output, report: ReplayAnswer): void {
  if (output.options.mode === 'plain') return printSteps(output, report.steps);
  const { mode, status, stepsTotal, preconditions, summary, divergences } = report;
  const head = mode === 'dry_run' ? 'dry run' : status;
  const asked = preconditions.length === 0 ? '' : `   precondition ${preconditions.map(({ name, ok }) => `${output.safe(name)} ${ok ? 'ok' : output.style('red', 'does not hold')}`).join(', ')}`;
  output.line(`${output.style(status === 'completed' ? 'bold' : 'red', head)}   ${counted(stepsTotal, 'event')}${asked}`);
  for (const { name, ok, detail } of preconditions) if (!ok) output.line(`  ${output.safe(name)}: ${output.safe(detail ?? 'no detail')}`);
  const lines = linesOf(summary);
  const [labelWidth, countWidth] = [Math.max(...lines.map(({ label }) => label.length)), Math.max(...lines.map(({ count }) => grouped(count).length), 6)];
  for (const { label, count, detail, isBad } of lines) {
    const figures = `  ${label.padEnd(labelWidth)}  ${grouped(count).padStart(countWidth)}`;
    output.line(`${isBad ? output.style('red', figures) : figures}  ${cut(output.safe(detail), Math.max(output.options.columns - labelWidth - countWidth - 6, 20))}`);
  }
  for (const { atRevision, path, expected, actual, reason } of divergences.slice(0, divergencesShown))
    output.line(`  ${output.style('yellow', 'differs')}  ${atRevision === null ? '' : `@${numberText(output, atRevision)} `}${reason}${path === null ? '' : ` ${output.safe(path)}`}  ${inlineText(output, expected)} -> ${inlineText(output, actual)}`);
  if (divergences.length > divergencesShown) output.line(`  and ${counted(divergences.length - divergencesShown, 'more difference')} (--json)`);
  for (const { event, action, reason } of report.steps) if (action === 'failed') output.line(`  @${numberText(output, event.revision)} ${event.type}: ${output.safe(reason ?? 'failed')}`);
}

const divergencesShown = 10;

interface Line {
  readonly label: string;
  readonly count: number;
  readonly detail: string;
  readonly isBad?: boolean;
}

/** Outcomes in the order in which a person asks for them. */
function linesOf(summary: readonly Row[]): readonly Line[] {
  const of = (test: (row: Row) => boolean): readonly Row[] => summary.filter(test);
  const isAction = (...words: readonly Row['action'][]) => (row: Row): boolean => words.includes(row.action);
  const skipped = (reason: string): readonly Row[] => of((row) => (row.action === 'skipped' || row.action === 'would_skip') && row.reason === reason);
  const needed = skipped('needs_allow');
  const lines: (Line & { readonly rows: readonly Row[] })[] = [];
  const add = (label: string, rows: readonly Row[], detail: string, isBad = false): void => void (rows.length > 0 && lines.push({ label, rows, count: total(rows), detail, isBad }));

  add('apply', of(isAction('applied', 'would_apply')), 'state-only');
  const executed = of(isAction('executed', 'would_execute'));
  add('execute', executed, [...Map.groupBy(executed, ({ effect }) => effect)].map(([effect, rows]) => `${effect} ${grouped(total(rows))}`).join(', '));
  add('compare', of(isAction('compared', 'would_compare')), 'outcomes');
  add('failed', of(isAction('failed')), typesText(of(isAction('failed'))), true);
  add('skip', skipped('non_repeatable'), `non-repeatable: ${typesText(skipped('non_repeatable'))}`);
  add('need allow', needed, `costly: ${typesText(needed)}    (--allow ${[...new Set(needed.map(({ type }) => type))].join(',')})`);
  for (const [reason, words] of Object.entries(reasonWords)) add(reason === 'no_handler' ? 'no handler' : 'skip', skipped(reason), words === '' ? typesText(skipped(reason)) : `${words}: ${typesText(skipped(reason))}`);
  return lines;
}

const reasonWords: { readonly [reason: string]: string } = {
  no_handler: '',
  production_guard: 'costly, and this is production',
  attempted_before: 'costly, and was begun before',
  not_executed: 'outcomes of what was not done',
  control_event: 'steers the log',
  filtered: 'filtered out',
  erased: 'payload erased',
};

const typesShown = 5;
const total = (rows: readonly Row[]): number => rows.reduce((sum, { count }) => sum + count, 0);

/** `jira.comment_posted x3, git.pr_merged`, the most frequent first. */
function typesText(rows: readonly Row[]): string {
  const byType = [...Map.groupBy(rows, ({ type }) => type)].map(([type, same]) => ({ type, count: total(same) })).toSorted((a, b) => b.count - a.count);
  const shown = byType.slice(0, typesShown).map(({ type, count }) => (count === 1 ? type : `${type} x${grouped(count)}`));
  return [...shown, ...(byType.length > typesShown ? [`${byType.length - typesShown} more`] : [])].join(', ');
}

/** One line per event. */
export function printSteps(output: Output, steps: readonly Step[]): void {
  output.table(steps, stepColumns(output));
}

const stepColumns = (output: Output): readonly Column<Step>[] => [
  { title: 'revision', text: ({ event }) => (output.options.mode === 'plain' ? String(event.revision) : `@${grouped(event.revision)}`), align: 'right' },
  { title: 'action', text: ({ action }) => action.replace('would_', ''), style: ({ action }) => (action === 'failed' ? 'red' : action.endsWith('execute') || action === 'executed' ? 'green' : null) },
  { title: 'type', text: ({ event }) => event.type, style: () => 'cyan' },
  { title: 'reason', text: ({ reason }) => reason ?? '' },
  { title: 'took', text: ({ action, durationMs }) => (action === 'executed' || action === 'failed' ? durationText(durationMs) : ''), align: 'right', isOptional: true },
  { title: 'result', text: ({ result, divergence }) => (divergence === null ? (result === null ? '' : JSON.stringify(result)) : `${divergence.reason} ${divergence.path ?? ''}`), fills: true },
];
