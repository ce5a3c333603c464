/** A story in sections: one per phase or turn, by revision; what stands outside of all of them has sections of its own. Pure. */
export interface Line {
  readonly revision: number;
}

export interface Span {
  readonly from: number;
  readonly to: number | null;
  readonly label: string;
  readonly status: string | null;
  readonly at: string;
  readonly until: string | null;
}

export interface StorySection<L extends Line> {
  /** null outside of all spans. */
  readonly span: Span | null;
  readonly lines: readonly L[];
}

/**
 * @param spans  Not nested in each other; of two that overlap, a line belongs to the one that began last.
 */
export function sectionsOf<L extends Line>(lines: readonly L[], spans: readonly Span[]): readonly StorySection<L>[] {
  const sections: { span: Span | null; lines: L[] }[] = [];
  for (const line of lines) {
    const span = spans.findLast(({ from, to }) => from <= line.revision && (to === null || line.revision <= to)) ?? null;
    const last = sections.at(-1);
    if (last !== undefined && last.span === span) last.lines.push(line);
    else sections.push({ span, lines: [line] });
  }
  return sections;
}
