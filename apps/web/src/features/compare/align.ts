/**
 * Two runs side by side, row by row. The server says where they part (`divergence`); this lines up what stands before and behind,
 * for the eye: equal steps meet, what only one has stands alone. A step is known by what it is and who did it, not by ids or times,
 * which never are the same twice. Pure.
 *
 * How: the equal beginning and end are passed in lockstep; what is left between them is aligned by its longest common
 * subsequence, in rows x columns cells, which is why there is a bound.
 */
export interface Step {
  readonly revision: number;
  /** Equal for what is the same step. */
  readonly key: string;
  /** Equal for what says the same. */
  readonly text: string;
}

export type AlignedRow<S extends Step> =
  | { readonly kind: 'equal' | 'changed'; readonly a: S; readonly b: S }
  | { readonly kind: 'only-a'; readonly a: S; readonly b: null }
  | { readonly kind: 'only-b'; readonly a: null; readonly b: S };

/** Cells of the table; beyond it, the rest is shown in order, side by side by number. */
const cellsMax = 4_000_000;

export function alignSteps<S extends Step>(a: readonly S[], b: readonly S[]): readonly AlignedRow<S>[] {
  const rows: AlignedRow<S>[] = [];
  let start = 0;
  while (start < a.length && start < b.length && a[start]!.key === b[start]!.key) {
    rows.push(pair(a[start]!, b[start]!));
    start++;
  }
  let tail = 0;
  while (tail < a.length - start && tail < b.length - start && a[a.length - 1 - tail]!.key === b[b.length - 1 - tail]!.key) tail++;
  const [restA, restB] = [a.slice(start, a.length - tail), b.slice(start, b.length - tail)];
  rows.push(...(restA.length * restB.length > cellsMax ? sideBySide(restA, restB) : aligned(restA, restB)));
  for (let index = tail; index > 0; index--) rows.push(pair(a[a.length - index]!, b[b.length - index]!));
  return rows;
}

const pair = <S extends Step>(a: S, b: S): AlignedRow<S> => ({ kind: a.text === b.text ? 'equal' : 'changed', a, b });

function aligned<S extends Step>(a: readonly S[], b: readonly S[]): AlignedRow<S>[] {
  // lengths[i][j]: of the longest common subsequence of a from i and b from j.
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) lengths[i * width + j] = a[i]!.key === b[j]!.key ? lengths[(i + 1) * width + j + 1]! + 1 : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const rows: AlignedRow<S>[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i]!.key === b[j]!.key) rows.push(pair(a[i++]!, b[j++]!));
    else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) rows.push({ kind: 'only-a', a: a[i++]!, b: null });
    else rows.push({ kind: 'only-b', a: null, b: b[j++]! });
  }
  return rows;
}

function sideBySide<S extends Step>(a: readonly S[], b: readonly S[]): AlignedRow<S>[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => {
    const [left, right] = [a[index], b[index]];
    if (left === undefined) return { kind: 'only-b', a: null, b: right! };
    return right === undefined ? { kind: 'only-a', a: left, b: null } : pair(left, right);
  });
}

export type ShownRow<S extends Step> = AlignedRow<S> | { readonly kind: 'fold'; readonly count: number; readonly from: number };

/** Runs of equal rows become one line, but for the first and the last of them, which show where one is. */
export function foldEqual<S extends Step>(rows: readonly AlignedRow<S>[], around = 2): readonly ShownRow<S>[] {
  const isNear = Array.from({ length: rows.length }, () => false);
  rows.forEach(({ kind }, index) => {
    if (kind !== 'equal') isNear.fill(true, Math.max(0, index - around), Math.min(rows.length, index + around + 1));
  });
  const shown: ShownRow<S>[] = [];
  for (let index = 0; index < rows.length; index++) {
    if (isNear[index]) {
      shown.push(rows[index]!);
      continue;
    }
    const from = index;
    while (index + 1 < rows.length && !isNear[index + 1]) index++;
    if (index === from) shown.push(rows[index]!);
    else shown.push({ kind: 'fold', count: index - from + 1, from });
  }
  return shown;
}
