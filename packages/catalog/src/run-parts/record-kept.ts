/** What a producer wrote and has no better type: nothing of a source is dropped (INTAKE.md section 1). */
import type { EventDefinition } from '@refold/core';
import { json, looseFact, oneOf, string } from '../payload.ts';
import { readText, shown } from '../read.ts';

/** @param note  What the kind of stream keeps about it: the reason comes in. */
export const recordKept = <S extends object>(note: (draft: S, reason: string) => void): EventDefinition<S> => ({
  doc: 'A record of the source, kept as it is.',
  aliases: { jira: 'RecordKept' },
  schema: looseFact({ source_type: string, reason: oneOf('bookkeeping', 'unknown_type', 'duplicate_delivery', 'corroborates') }, { raw: json, refers_to: string, differs: json }),
  policy: 'tolerate',
  severity: 'DEBUG',
  entity: ({ id }) => ({ type: 'record', id }),
  summary: ({ data }) => `Record kept: ${shown(data['source_type'])} (${shown(data['reason'])})`,
  evolve: (draft, event) => note(draft, readText(event.data['reason']) ?? 'unknown_type'),
});
