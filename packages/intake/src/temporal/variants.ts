/**
 * Histories of one run that disagree. A longer history extends the shorter one; one whose overlap differs is another telling of
 * the run and gets a stream of its own, `workflow/<runId>~2` and so on, so that the two can be compared. What was told before
 * is known from this import and, where the caller can ask the log, from every import before it.
 * Source: INTAKE.md, section 9.
 */
import { objectIn, textIn } from '../json-shape.ts';
import { addReject } from '../report.ts';
import type { IntakeContext } from '../source.ts';
import type { Identity } from '../identity.ts';
import type { History, HistoryEvent } from './history.ts';

export interface Variants {
  /** The name under which a history is told: its run id, or `<runId>~2`; null when it is refused. */
  nameFor(history: History): Promise<string | null>;
  /** True when this import has told the event already. */
  hasTold(name: string, event: HistoryEvent): boolean;
  noteTold(name: string, event: HistoryEvent): void;
}

/** Key of the event that tells a history event: `temporal|<name>|<eventId>`. */
export const keyOf = (name: string, eventId: string): string => `temporal|${name}|${eventId}`;

export function createVariants(context: IntakeContext, identity: Identity): Variants {
  const toldHere = new Map<string, Map<string, string>>();

  /** Digest of what was told under that name; undefined when nothing was, null when it was erased since. */
  async function told(name: string, eventId: string): Promise<string | null | undefined> {
    const here = toldHere.get(name)?.get(eventId);
    if (here !== undefined) return here;
    const event = await context.recorded?.(identity.idOf(`${keyOf(name, eventId)}|0`));
    return event === null || event === undefined ? undefined : (textIn(objectIn(event.metadata.source)?.sha256) ?? null);
  }

  async function compare(name: string, history: History): Promise<{ readonly isTold: boolean; readonly differs: HistoryEvent | null }> {
    let isTold = false;
    for (const event of history.events) {
      // Only the first event of an id was told under it; `~2` of the key tells further ones apart.
      if (history.byId.get(event.id) !== event) continue;
      const digest = await told(name, event.id);
      if (digest === undefined) continue;
      isTold = true;
      if (digest !== null && digest !== event.record.sha256) return { isTold, differs: event };
    }
    return { isTold, differs: null };
  }

  return {
    async nameFor(history) {
      let firstDifference: HistoryEvent | null = null;
      for (let count = 1; ; count++) {
        const name = count === 1 ? history.runId : `${history.runId}~${count}`;
        const { isTold, differs } = await compare(name, history);
        if (differs !== null) {
          firstDifference ??= differs;
          continue;
        }
        if (firstDifference !== null && !isTold) {
          if (context.variants === 'refuse') return refuse(history, firstDifference, context);
          context.report.warnings.push(`${history.file}: this history differs from workflow/${history.runId} at event ${firstDifference.id}; it is workflow/${name}.`);
        }
        return name;
      }
    },
    hasTold: (name, event) => toldHere.get(name)?.get(event.id) === event.record.sha256,
    noteTold(name, event) {
      const events = toldHere.get(name) ?? new Map<string, string>();
      toldHere.set(name, events.set(event.id, event.record.sha256));
    },
  };
}

function refuse(history: History, { id, record }: HistoryEvent, { report }: IntakeContext): null {
  report.recordsRead -= history.events.length;
  addReject(report, { file: history.file, line: record.line, byte: record.byte, code: 'DUPLICATE_ID', reason: `this history differs from workflow/${history.runId} at event ${id}` });
  return null;
}
