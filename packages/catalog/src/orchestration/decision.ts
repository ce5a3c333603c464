/** Decisions, so that "why" can be read later (001 L112). */
import { partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { payload, string, strings } from '../payload.ts';
import { readText, shown, tail } from '../read.ts';
import { listFact } from '../run-parts/keep.ts';
import { phaseOf } from './work.ts';
import type { WorkFields } from './work.ts';

export const decisionEvents = <S extends WorkFields>(): Events<S> => ({
  'decision.recorded': {
    doc: 'A decision was taken, with its reason.',
    ledger: ['X-027'],
    aliases: { jira: 'DecisionRecorded' },
    schema: payload({ decision_id: string, decision: string }, { question: string, rationale: string, alternatives: strings }),
    policy: 'tolerate',
    priority: 'P1',
    entity: partOf('decision', 'decision_id'),
    fillWithId: ['decision_id'],
    summary: ({ data }) => `Decided: ${shown(data['decision'])}${tail(', because ', data['rationale'])}`,
    evolve(draft, event) {
      listFact(draft.decisions, draft.totals.decisions, {
        id: partId(event, 'decision', 'decision_id'),
        decision: readText(event.data['decision']) ?? '',
        question: readText(event.data['question']),
        rationale: readText(event.data['rationale']),
        by: event.actor,
        at: event.occurredAt,
        phase: phaseOf(draft, event),
      });
    },
  },
});
