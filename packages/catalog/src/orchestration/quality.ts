/** Quality checks, which may run again, and test runs, which are one attempt each (K-005). */
import { getOwn, setOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { boolean, error, integer, number, objects, payload, string } from '../payload.ts';
import { readFlag, readInteger, readNumber, readObjects, readText, shown, tail } from '../read.ts';
import { addPart, dropEnded, movePart } from '../run-parts/keep.ts';
import type { QualityCheckState, TestRunState, WorkFields, WorkRules } from './work.ts';

export function qualityCheckEvents<S extends WorkFields>(rules: WorkRules<S>): Events<S> {
  const check = machine<S>('quality_check', (state, event) => getOwn(state.qualityChecks, checkId(event))?.status ?? 'absent');
  const common = { policy: rules.policy, category: 'quality', entity: partOf('quality_check', 'check_id') } as const;

  return {
    'quality_check.started': {
      doc: 'A quality check began.',
      ledger: ['A-054'],
      aliases: { jira: 'QualityCheckStarted' },
      schema: payload({ check_id: string, check_name: string }, { tool: string, target: string }),
      transition: check(['absent', 'completed', 'failed'], 'running'),
      refuse: rules.mayStart,
      ...common,
      effect: 'idempotent',
      fillWithId: ['check_id'],
      summary: ({ data }) => `Check ${shown(data['check_name'])} started${tail(' with ', data['tool'])}${tail(' on ', data['target'])}`,
      evolve(draft, event, status) {
        if (status === null) return;
        rules.onStart(draft, event);
        const before = getOwn(draft.qualityChecks, checkId(event));
        startCheck(draft, event, (before?.attempt ?? 0) + 1, before?.name);
      },
    },
    'quality_check.completed': {
      doc: 'A quality check came to a result.',
      ledger: ['A-055'],
      aliases: { jira: 'QualityCheckCompleted' },
      schema: payload({ check_id: string }, { passed: boolean, score: number, findings: objects }),
      transition: check(['running'], 'completed'),
      ...common,
      effect: 'outcome',
      priority: 'P1',
      summary: ({ data }) => `Check ${shown(data['check_id'])} ${data['passed'] === false ? 'did not pass' : 'completed'}${tail(', score ', data['score'])}`,
      evolve(draft, event, status) {
        const found = endCheck(draft, event, status);
        if (found !== null) found.passed = readFlag(event.data['passed']) ?? found.passed;
      },
    },
    'quality_check.failed': {
      doc: 'A quality check failed or could not be carried out.',
      ledger: ['A-056'],
      aliases: { jira: 'QualityCheckFailed' },
      schema: payload({ check_id: string, reason: string }, { score: number, findings: objects }),
      transition: check(['running'], 'failed'),
      ...common,
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      summary: ({ data }) => `Check ${shown(data['check_id'])} failed${tail(': ', data['reason'])}`,
      evolve(draft, event, status) {
        const found = endCheck(draft, event, status);
        if (found !== null && status !== null) found.passed = false;
      },
    },
  };
}

const checkId = (event: FoldEvent): string => partId(event, 'quality_check', 'check_id');

/** A check that runs again begins anew: of the run before only the number and the name stay. */
function startCheck(draft: WorkFields, event: FoldEvent, attempt: number, name?: string): QualityCheckState {
  const id = checkId(event);
  const started: QualityCheckState = {
    id,
    name: readText(event.data['check_name']) ?? name ?? id,
    status: 'running',
    revision: event.revision,
    attempt,
    passed: null,
    score: null,
    findings: [],
    startedAt: event.occurredAt,
    endedAt: null,
  };
  const before = getOwn(draft.qualityChecks, id);
  if (before === undefined) return addPart<'qualityChecks', QualityCheckState>(draft, 'qualityChecks', id, started);
  movePart(draft, 'qualityChecks', before, 'running');
  return setOwn(draft.qualityChecks, id, started);
}

function endCheck(draft: WorkFields, event: FoldEvent, status: string | null): QualityCheckState | null {
  const found = getOwn(draft.qualityChecks, checkId(event)) ?? (status === null ? null : startCheck(draft, event, 1));
  if (found === null) return null;
  movePart(draft, 'qualityChecks', found, status);
  if (status !== null) found.endedAt = event.occurredAt;
  found.revision = event.revision;
  found.score = readNumber(event.data['score']) ?? found.score;
  if (event.data['findings'] !== undefined) found.findings = readObjects(event.data['findings']);
  dropEnded(draft, 'qualityChecks');
  return found;
}

export function testRunEvents<S extends WorkFields>(rules: WorkRules<S>): Events<S> {
  const testRun = machine<S>('test_run', (state, event) => getOwn(state.testRuns, testRunId(event))?.status ?? 'absent');
  const common = { policy: rules.policy, category: 'tests', entity: partOf('test_run', 'test_run_id') } as const;

  return {
    'test_run.started': {
      doc: 'A test suite began to run.',
      ledger: ['A-057'],
      aliases: { jira: 'TestRunStarted' },
      schema: payload({ test_run_id: string, suite: string }, { command: string }),
      transition: testRun(['absent'], 'running'),
      refuse: rules.mayStart,
      ...common,
      effect: 'idempotent',
      fillWithId: ['test_run_id'],
      summary: ({ data }) => `Tests ${shown(data['suite'])} started${tail(': ', data['command'])}`,
      evolve(draft, event, status) {
        if (status === null) return;
        rules.onStart(draft, event);
        if (getOwn(draft.testRuns, testRunId(event)) === undefined) startTestRun(draft, event);
      },
    },
    'test_run.completed': {
      doc: 'A test suite ran to its end.',
      ledger: ['A-058'],
      aliases: { jira: 'TestRunCompleted' },
      schema: payload(
        { test_run_id: string, total: integer, passed: integer, failed: integer },
        { skipped: integer, duration_seconds: number, coverage: number },
      ),
      transition: testRun(['running'], 'completed'),
      ...common,
      effect: 'outcome',
      priority: 'P1',
      summary: ({ data }) => `Tests ${shown(data['test_run_id'])}: ${shown(data['passed'])} of ${shown(data['total'])} passed${tail(', coverage ', data['coverage'])}`,
      evolve: (draft, event, status) => void endTestRun(draft, event, status),
    },
    'test_run.failed': {
      doc: 'A test suite failed.',
      ledger: ['A-059'],
      aliases: { jira: 'TestRunFailed' },
      schema: payload({ test_run_id: string }, { total: integer, passed: integer, failed: integer, failures: objects, error }),
      transition: testRun(['running'], 'failed'),
      ...common,
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      summary: ({ data }) => `Tests ${shown(data['test_run_id'])} failed${tail(', failing ', data['failed'])}${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        const found = endTestRun(draft, event, status);
        if (found !== null && event.data['failures'] !== undefined) found.failures = readObjects(event.data['failures']);
      },
    },
  };
}

const testRunId = (event: FoldEvent): string => partId(event, 'test_run', 'test_run_id');

const startTestRun = (draft: WorkFields, event: FoldEvent): TestRunState =>
  addPart<'testRuns', TestRunState>(draft, 'testRuns', testRunId(event), {
    id: testRunId(event),
    suite: readText(event.data['suite']) ?? testRunId(event),
    status: 'running',
    revision: event.revision,
    total: null,
    passed: null,
    failed: null,
    skipped: null,
    coverage: null,
    failures: [],
    startedAt: event.occurredAt,
    endedAt: null,
  });

function endTestRun(draft: WorkFields, event: FoldEvent, status: string | null): TestRunState | null {
  const found = getOwn(draft.testRuns, testRunId(event)) ?? (status === null ? null : startTestRun(draft, event));
  if (found === null) return null;
  movePart(draft, 'testRuns', found, status);
  if (status !== null) found.endedAt = event.occurredAt;
  found.revision = event.revision;
  for (const count of ['total', 'passed', 'failed', 'skipped'] as const) found[count] = readInteger(event.data[count]) ?? found[count];
  found.coverage = readNumber(event.data['coverage']) ?? found.coverage;
  dropEnded(draft, 'testRuns');
  return found;
}
