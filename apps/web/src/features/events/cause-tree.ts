/** Events by what caused them: each under its cause, as far as that is among them. Pure. */
export interface Caused {
  readonly id: string;
  readonly position: number;
  readonly causationId?: string | undefined;
}

export interface TreeRow<E extends Caused> {
  readonly event: E;
  /** 0 = its cause is not among them. */
  readonly depth: number;
}

/** Rows in order: what has no cause here as it stood, and under each, in the order of the log, what it caused. */
export function inCauseOrder<E extends Caused>(events: readonly E[]): readonly TreeRow<E>[] {
  const known = new Set(events.map(({ id }) => id));
  const effects = new Map<string, E[]>();
  const roots: E[] = [];
  for (const event of events) {
    const { causationId } = event;
    if (causationId === undefined || causationId === event.id || !known.has(causationId)) roots.push(event);
    else effects.set(causationId, [...(effects.get(causationId) ?? []), event]);
  }
  const rows: TreeRow<E>[] = [];
  // What two events say of each other is no order; whatever is reached from no root stands for itself.
  const placed = new Set<string>();
  const place = (first: E): void => {
    const waiting: TreeRow<E>[] = [{ event: first, depth: 0 }];
    for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
      if (placed.has(row.event.id)) continue;
      placed.add(row.event.id);
      rows.push(row);
      const { depth } = row;
      waiting.push(...(effects.get(row.event.id) ?? []).toSorted((a, b) => b.position - a.position).map((event) => ({ event, depth: depth + 1 })));
    }
  };
  for (const root of roots) place(root);
  for (const event of events) place(event);
  return rows;
}
