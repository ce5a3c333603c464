/** Gaps: what somebody found missing, and what became of it. */
import { getOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { oneOf, payload, string } from '../payload.ts';
import { readText, shown, tail } from '../read.ts';
import { addPart, dropEnded, movePart } from '../run-parts/keep.ts';
import { phaseOf } from './work.ts';
import type { GapState, WorkFields, WorkRules } from './work.ts';

export function gapEvents<S extends WorkFields>(rules: WorkRules<S>): Events<S> {
  const gap = machine<S>('gap', (state, event) => getOwn(state.gaps, gapId(event))?.status ?? 'absent');
  const entity = partOf('gap', 'gap_id');
  const { policy } = rules;

  return {
    'gap.identified': {
      doc: 'Something that should be there was found missing.',
      ledger: ['A-042'],
      aliases: { jira: 'GapIdentified' },
      schema: payload({ gap_id: string, description: string }, { severity: oneOf('low', 'medium', 'high', 'critical'), category: string, phase: string, detected_by: string }),
      transition: gap(['absent', 'resolved'], 'open'),
      refuse: rules.mayStart,
      policy,
      priority: 'P1',
      severity: 'WARN',
      entity,
      timeline: { landmark: true },
      fillWithId: ['gap_id'],
      summary: ({ data }) => `Gap found${tail(' (', data['severity'])}${data['severity'] === undefined ? '' : ')'}: ${shown(data['description'])}`,
      evolve(draft, event, status) {
        if (status !== null) rules.onStart(draft, event);
        const found = gapOf(draft, event, status);
        if (found === null) return;
        if (status !== null && found.status === 'resolved') {
          movePart(draft, 'gaps', found, 'open');
          Object.assign(found, { reopenCount: found.reopenCount + 1, resolvedAt: null, resolution: null });
        }
        found.description = readText(event.data['description']) ?? found.description;
        found.severity = readText(event.data['severity']) ?? found.severity;
      },
    },
    'gap.resolved': {
      doc: 'A gap was closed.',
      ledger: ['A-043'],
      aliases: { jira: 'GapResolved' },
      schema: payload({ gap_id: string, resolution: string }, { resolved_by: string, commit_sha: string }),
      transition: gap(['open', 'escalated'], 'resolved'),
      policy,
      effect: 'outcome',
      priority: 'P1',
      entity,
      timeline: { landmark: true },
      summary: ({ data }) => `Gap ${shown(data['gap_id'])} resolved${tail(': ', data['resolution'])}`,
      evolve(draft, event, status) {
        const found = gapOf(draft, event, status);
        if (found === null) return;
        movePart(draft, 'gaps', found, status);
        if (status !== null) found.resolvedAt = event.occurredAt;
        found.resolution = readText(event.data['resolution']) ?? found.resolution;
        dropEnded(draft, 'gaps');
      },
    },
    'gap.escalated': {
      doc: 'A gap was handed to somebody who can decide.',
      ledger: ['A-044'],
      aliases: { jira: 'GapEscalated' },
      schema: payload({ gap_id: string, escalated_to: string }, { reason: string }),
      transition: gap(['open'], 'escalated'),
      policy,
      effect: 'non-repeatable',
      priority: 'P0',
      severity: 'ERROR',
      entity,
      timeline: { landmark: true },
      summary: ({ data }) => `Gap ${shown(data['gap_id'])} escalated to ${shown(data['escalated_to'])}${tail(': ', data['reason'])}`,
      evolve(draft, event, status) {
        const found = gapOf(draft, event, status);
        if (found === null) return;
        movePart(draft, 'gaps', found, status);
        found.escalatedTo = readText(event.data['escalated_to']) ?? found.escalatedTo;
      },
    },
  };
}

const gapId = (event: FoldEvent): string => partId(event, 'gap', 'gap_id');

/** The gap of an event; one that was never identified is made when the event is accepted. */
function gapOf(draft: WorkFields, event: FoldEvent, status: string | null): GapState | null {
  const found = getOwn(draft.gaps, gapId(event)) ?? (status === null ? null : openGap(draft, event));
  if (found !== null) found.revision = event.revision;
  return found;
}

const openGap = (draft: WorkFields, event: FoldEvent): GapState =>
  addPart<'gaps', GapState>(draft, 'gaps', gapId(event), {
    id: gapId(event),
    description: readText(event.data['description']) ?? '',
    severity: readText(event.data['severity']),
    status: 'open',
    revision: event.revision,
    phase: phaseOf(draft, event),
    identifiedAt: event.occurredAt,
    resolvedAt: null,
    resolution: null,
    escalatedTo: null,
    reopenCount: 0,
  });
