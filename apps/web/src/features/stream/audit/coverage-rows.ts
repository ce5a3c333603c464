/** The coverage report as rows: one kind of gap each, with the events that show it. Pure. */
import { auditMessages } from './messages.ts';

export interface GapRow {
  readonly kind: keyof typeof auditMessages.kinds;
  readonly count: number;
  readonly items: readonly GapItem[];
}

export interface GapItem {
  readonly revision: number | null;
  readonly type: string;
  readonly detail: string;
}

interface Report {
  readonly [name: string]: unknown;
}

const listed = ['startsWithoutEnd', 'endsWithoutStart', 'missingParents', 'missingCauses', 'missingRevisions', 'sequenceHoles', 'disagreements'] as const;

/** Only what there is. */
export function gapRowsOf(report: Report): readonly GapRow[] {
  const clock = mapIn(report['clock']);
  const rows: readonly GapRow[] = [
    ...listed.map((kind) => gapRow(kind, report[kind])),
    gapRow('clockBackwards', clock['backwards']),
    gapRow('clockAhead', clock['ahead']),
    namesRow('agentsNotIntroduced', report['agentsNotIntroduced']),
    namesRow('unknownTypes', report['unknownTypes']),
    { kind: 'erased', count: numberIn(report['erased']), items: [] },
    { kind: 'anomalies', count: Object.values(mapIn(report['anomalies'])).reduce<number>((sum, count) => sum + numberIn(count), 0), items: Object.entries(mapIn(report['anomalies'])).map(([code, count]) => ({ revision: null, type: code, detail: String(count) })) },
  ];
  return rows.filter(({ count }) => count > 0);
}

function gapRow(kind: GapRow['kind'], value: unknown): GapRow {
  const { count, items } = mapIn(value);
  return { kind, count: numberIn(count), items: Array.isArray(items) ? items.map(itemOf) : [] };
}

function itemOf(value: unknown): GapItem {
  const { revision, type, detail, entityType, entityId } = mapIn(value);
  return { revision: typeof revision === 'number' ? revision : null, type: typeof type === 'string' ? type : '', detail: [typeof entityType === 'string' ? `${entityType} ${String(entityId)}` : '', typeof detail === 'string' ? detail : ''].filter((text) => text !== '').join(': ') };
}

function namesRow(kind: GapRow['kind'], value: unknown): GapRow {
  const names = Array.isArray(value) ? value.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))) : [];
  return { kind, count: names.length, items: names.map((name) => ({ revision: null, type: name, detail: '' })) };
}

const mapIn = (value: unknown): Report => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Report) : {});
const numberIn = (value: unknown): number => (typeof value === 'number' ? value : 0);
