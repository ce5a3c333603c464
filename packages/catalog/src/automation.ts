/** Rules that act on events, and each run of a rule (document 003). A run can be undone, action by action, last one first. */
import { defineAggregate, getOwn } from '@refold/core';
import type { FoldEvent, JsonObject, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { links, machine, moveTo, spelled } from './define.ts';
import { boolean, error, integer, json, object, objects, oneOf, payload, string, strings } from './payload.ts';
import { readError, readFlag, readId, readInteger, readObject, readObjects, readText, readTexts, shown, tail } from './read.ts';
import type { ErrorInfo } from './read.ts';

export interface AutomationRuleFields {
  status: 'absent' | 'enabled' | 'disabled' | 'removed';
  rule: JsonObject;
  ruleVersion: number;
  /** Evaluations that failed or were stopped because the rule set itself off. */
  failures: number;
  lastError: ErrorInfo | null;
}

export type AutomationRuleState = State<AutomationRuleFields>;

const ruleIs = machine<AutomationRuleFields>('automation_rule', (state) => state.status);

export const automationRule = defineAggregate<AutomationRuleFields>({
  type: 'automation_rule',
  version: '1.0.0',
  doc: 'A rule that acts on events.',
  terminal: ['removed'],
  parts: [anyStream],
  initial: () => ({ status: 'absent', rule: {}, ruleVersion: 0, failures: 0, lastError: null }),
  streamIdOf: ({ entityId, data }) => entityId ?? readId(readObject(data['rule'])?.['id']) ?? readId(data['rule_id']) ?? undefined,
  events: spelled<AutomationRuleFields>({
    'automation.rule_registered': {
      doc: 'A rule was made known.',
      ledger: ['X-027'],
      schema: payload({ rule: object }, { source: oneOf('config', 'api') }),
      transition: ruleIs(['absent', 'removed'], ({ data }) => (readFlag(readObject(data['rule'])?.['enabled']) === false ? 'disabled' : 'enabled')),
      broadcast: false,
      priority: 'P1',
      summary: ({ data }) => `Rule ${shown(readObject(data['rule'])?.['id'])} registered${tail(' from ', data['source'])}`,
      evolve: writeRule,
    },
    'automation.rule_updated': {
      doc: 'A rule was changed.',
      ledger: ['X-027'],
      schema: payload({ rule: object }),
      transition: ruleIs(['enabled', 'disabled'], 'same'),
      broadcast: false,
      priority: 'P1',
      summary: ({ data }) => `Rule ${shown(readObject(data['rule'])?.['id'])} changed`,
      evolve: writeRule,
    },
    'automation.rule_enabled': {
      doc: 'A rule acts again.',
      ledger: ['X-027'],
      schema: payload({}, { reason: string }),
      transition: ruleIs(['disabled'], 'enabled'),
      broadcast: false,
      priority: 'P1',
      summary: ({ data }) => `Rule enabled${tail(': ', data['reason'])}`,
      evolve: (draft, _event, status) => moveTo(draft, status),
    },
    'automation.rule_disabled': {
      doc: 'A rule no longer acts.',
      ledger: ['X-027'],
      schema: payload({}, { reason: string }),
      transition: ruleIs(['enabled'], 'disabled'),
      broadcast: false,
      priority: 'P1',
      summary: ({ data }) => `Rule disabled${tail(': ', data['reason'])}`,
      evolve: (draft, _event, status) => moveTo(draft, status),
    },
    'automation.rule_removed': {
      doc: 'A rule was taken away; what it did stays.',
      ledger: ['X-027'],
      schema: payload({}, { reason: string }),
      transition: ruleIs(['enabled', 'disabled'], 'removed'),
      broadcast: false,
      priority: 'P1',
      summary: ({ data }) => `Rule removed${tail(': ', data['reason'])}`,
      evolve: (draft, _event, status) => moveTo(draft, status),
    },
    'automation.rule_failed': {
      doc: 'The condition of a rule could not be evaluated; the rule was passed over.',
      schema: payload({ error }, { rule_id: string, trigger_event_id: string }),
      policy: 'tolerate',
      effect: 'non-repeatable',
      priority: 'P1',
      severity: 'ERROR',
      summary: ({ data }) => `Rule ${shown(data['rule_id'])} failed${tail(': ', data['error'])}`,
      evolve: noteFailure,
    },
    'automation.loop_stopped': {
      doc: 'A chain of rules that set each other off was stopped at the greatest depth allowed.',
      schema: payload({}, { rule_id: string, trigger_event_id: string, depth: integer, rules: strings }),
      policy: 'tolerate',
      effect: 'non-repeatable',
      priority: 'P1',
      severity: 'WARN',
      summary: ({ data }) => `Rule loop stopped${tail(' at depth ', data['depth'])}`,
      evolve: noteFailure,
    },
  }),
});

function writeRule(draft: AutomationRuleFields, { data }: FoldEvent, status: string | null): void {
  moveTo(draft, status);
  draft.rule = readObject(data['rule']) ?? draft.rule;
  if (status !== null) draft.ruleVersion += 1;
}

function noteFailure(draft: AutomationRuleFields, { data }: FoldEvent): void {
  draft.failures += 1;
  draft.lastError = readError(data['error']) ?? { message: 'the rule set itself off again and again' };
}

export interface AutomationAction {
  index: number;
  action: string;
  status: 'planned' | 'executed' | 'failed' | 'undone';
  producedEventIds: string[];
  error: ErrorInfo | null;
}

export interface AutomationRunFields {
  status: 'absent' | 'matched' | 'dry_run' | 'executing' | 'executed' | 'failed' | 'undoing' | 'undone';
  ruleId: string;
  triggerEventId: string;
  dryRun: boolean;
  actions: AutomationAction[];
}

export type AutomationRunState = State<AutomationRunFields>;

const runIs = machine<AutomationRunFields>('automation_run', (state) => state.status);
const actionShape = { rule_id: string, action_index: integer };

export const automationRun = defineAggregate<AutomationRunFields>({
  type: 'automation_run',
  version: '1.0.0',
  doc: 'What a rule did about one event.',
  terminal: ['dry_run', 'executed', 'failed', 'undone'],
  parts: [anyStream],
  initial: () => ({ status: 'absent', ruleId: '', triggerEventId: '', dryRun: false, actions: [] }),
  events: spelled<AutomationRunFields>({
    'automation.rule_matched': {
      doc: 'A rule applies to an event.',
      ledger: ['X-027'],
      schema: payload({ rule_id: string, trigger_event_id: string, dry_run: boolean }, { actions: objects }),
      transition: runIs(['absent'], ({ data }) => (readFlag(data['dry_run']) === true ? 'dry_run' : 'matched')),
      effect: 'non-repeatable',
      refs: (data) => links({ automation_rule: data['rule_id'], event: data['trigger_event_id'] }),
      summary: ({ data }) => `Rule ${shown(data['rule_id'])} applies${data['dry_run'] === true ? ' (dry run)' : ''}`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        draft.ruleId = readId(data['rule_id']) ?? draft.ruleId;
        draft.triggerEventId = readId(data['trigger_event_id']) ?? draft.triggerEventId;
        draft.dryRun = readFlag(data['dry_run']) ?? draft.dryRun;
        draft.actions = readObjects(data['actions']).map((action, index) => ({ index, action: nameOfAction(action), status: 'planned', producedEventIds: [], error: null }));
      },
    },
    'automation.action_executed': {
      doc: 'An action of the rule was carried out.',
      ledger: ['X-027'],
      schema: payload({ ...actionShape, action: string }, { produced_event_ids: strings, result: json }),
      transition: runIs(['matched', 'executing'], (event, _status, state) => (isLast(state, event, 'planned') ? 'executed' : 'executing')),
      effect: 'non-repeatable',
      priority: 'P1',
      refs: (data) => links({ automation_rule: data['rule_id'] }),
      summary: ({ data }) => `Rule ${shown(data['rule_id'])}: ${shown(data['action'])} done`,
      evolve(draft, event, status) {
        const action = actionOf(draft, event);
        moveTo(draft, status);
        action.producedEventIds = readTexts(event.data['produced_event_ids']);
        if (status !== null) action.status = 'executed';
      },
    },
    'automation.action_failed': {
      doc: 'An action of the rule could not be carried out.',
      ledger: ['X-027'],
      schema: payload({ ...actionShape, action: string, error }, { attempt: integer }),
      transition: runIs(['matched', 'executing'], 'failed'),
      effect: 'non-repeatable',
      priority: 'P1',
      severity: 'ERROR',
      refs: (data) => links({ automation_rule: data['rule_id'] }),
      summary: ({ data }) => `Rule ${shown(data['rule_id'])}: ${shown(data['action'])} failed${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        const action = actionOf(draft, event);
        moveTo(draft, status);
        action.error = readError(event.data['error']);
        if (status !== null) action.status = 'failed';
      },
    },
    'automation.action_undone': {
      doc: 'What an action did was taken back.',
      ledger: ['X-027', 'K-038'],
      schema: payload(actionShape, { compensating_event_ids: strings, reason: string }),
      transition: runIs(['executed', 'failed', 'undoing'], (event, _status, state) => (isLast(state, event, 'executed') ? 'undone' : 'undoing')),
      effect: 'non-repeatable',
      priority: 'P1',
      severity: 'WARN',
      refs: (data) => links({ automation_rule: data['rule_id'] }),
      summary: ({ data }) => `Rule ${shown(data['rule_id'])}: action ${shown(data['action_index'])} undone${tail(': ', data['reason'])}`,
      evolve(draft, event, status) {
        const action = actionOf(draft, event);
        moveTo(draft, status);
        if (status !== null) action.status = 'undone';
      },
    },
  }),
});

/** A rule file writes `{notify: {...}}`, a program may write `{action: "notify", ...}`. */
const nameOfAction = (action: JsonObject): string => readText(getOwn(action, 'action')) ?? Object.keys(action)[0] ?? 'unknown';

const indexOf = (event: FoldEvent): number => readInteger(event.data['action_index']) ?? 0;

/** True when no other action than the event's is left in that status. */
const isLast = (state: AutomationRunFields, event: FoldEvent, left: AutomationAction['status']): boolean =>
  state.actions.every((action) => action.status !== left || action.index === indexOf(event));

function actionOf(draft: AutomationRunFields, event: FoldEvent): AutomationAction {
  const index = indexOf(event);
  const known = draft.actions.find((action) => action.index === index);
  if (known !== undefined) return known;
  const added: AutomationAction = { index, action: readText(event.data['action']) ?? 'unknown', status: 'planned', producedEventIds: [], error: null };
  draft.actions.push(added);
  return added;
}
