/** The rows of one run: what was measured, ours beside the ceiling, the ratio, and whether it reaches the target. */
import type { Figure } from './measure.ts';

export interface Row {
  readonly group: string;
  readonly measure: string;
  readonly unit: string;
  readonly ours: Figure;
  readonly ceiling?: Figure;
  /** What the ceiling is, in words. */
  readonly against?: string;
  /** Ratio to reach (ours / ceiling), or a bound on ours itself. */
  readonly target?: { readonly ratio?: number; readonly atMost?: number; readonly atLeast?: number };
  readonly note?: string;
}

/** True, false, or null where no target was set. */
export function reaches(row: Row): boolean | null {
  const { target, ours, ceiling } = row;
  if (target === undefined) return null;
  if (target.ratio !== undefined && (ceiling === undefined || ratioOf(row)! < target.ratio)) return false;
  if (target.atMost !== undefined && ours.median > target.atMost) return false;
  return target.atLeast === undefined || ours.median >= target.atLeast;
}

const ratioOf = ({ ours, ceiling }: Row): number | null => (ceiling === undefined ? null : ours.median / ceiling.median);

export function renderRows(rows: readonly Row[]): string {
  const lines: string[] = [];
  let group = '';
  for (const row of rows) {
    if (row.group !== group) lines.push('', row.group);
    group = row.group;
    const ratio = ratioOf(row);
    const verdict = reaches(row);
    lines.push(
      [
        `  ${row.measure.padEnd(46)}`,
        `${amount(row.ours.median)} ${row.unit}`.padStart(18),
        `(${amount(row.ours.min)} to ${amount(row.ours.max)})`.padEnd(22),
        row.ceiling === undefined ? ''.padEnd(32) : `${row.against ?? 'ceiling'} ${amount(row.ceiling.median)}`.padEnd(32),
        ratio === null ? '      ' : `x ${ratio.toFixed(2)}`.padEnd(8),
        verdict === null ? '' : verdict ? 'reached' : `missed (${targetText(row)})`,
        row.note ?? '',
      ]
        .join(' ')
        .trimEnd(),
    );
  }
  return lines.join('\n');
}

function targetText({ target, unit }: Row): string {
  return [
    target?.ratio === undefined ? null : `>= ${target.ratio}`,
    target?.atMost === undefined ? null : `<= ${target.atMost} ${unit}`,
    target?.atLeast === undefined ? null : `>= ${target.atLeast} ${unit}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

const amount = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2));
