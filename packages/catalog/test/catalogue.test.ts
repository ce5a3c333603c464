import { describe, expect, it } from 'vitest';
import { createFold } from '@refold/core';
import type { EffectClass } from '@refold/core';
import { catalog, createCatalogRegistry, familyOf, parentCategoryOf, runKinds } from '../src/index.ts';
import { controlEventTypes } from '../src/store.ts';
import { eventAfter } from './history.ts';
import { catalogue, fullPayload, requiredPayload } from './samples.ts';

const registry = createCatalogRegistry();
const classes: { readonly [letter: string]: EffectClass } = { S: 'state-only', I: 'idempotent', C: 'costly', N: 'non-repeatable', O: 'outcome' };
const typesOf = (family: string): readonly string[] => registry.eventTypes().map(({ name }) => name).filter((name) => familyOf(name) === family);

describe('the catalogue and the model', () => {
  it('A-066 K-001 holds 128 types of the model, 16 control events and 39 of intake, and nothing else', () => {
    expect(typesOf('model').toSorted()).toEqual(catalogue.map(({ type }) => type).toSorted());
    expect(typesOf('model')).toHaveLength(128);
    expect(typesOf('control')).toHaveLength(16);
    expect(typesOf('intake')).toHaveLength(39);
    expect(registry.eventTypes()).toHaveLength(128 + 16 + 39);
  });

  it.each(catalogue.map((row) => [row.ledger.join(' '), row.type, row] as const))('%s %s is defined as the model says', (_ledger, type, row) => {
    const known = registry.eventType(type);
    const definition = known!.definition;
    expect(known!.policy).toBe(row.policy);
    expect(definition.effect ?? 'state-only').toBe(classes[row.replayClass]);
    expect(known!.priority).toBe(row.priority);
    expect(known!.severity).toBe(row.severity);
    expect(definition.broadcast ?? true).toBe(row.broadcast);
    expect(known!.streamType ?? 'any').toBe(row.streamType);
    expect(definition.ledger).toEqual(expect.arrayContaining([...row.ledger]));
    for (const [dialect, spelling] of Object.entries(row.aliases)) expect(registry.alias(type, dialect)).toBe(spelling);
    expect(definition.doc).toMatch(/\.$/);
    expect(definition.summary).toBeTypeOf('function');
  });

  it.each(catalogue.map((row) => [row.type, row] as const))('K-086 %s asks for its required keys and leaves the payload open', (type, row) => {
    const { schema } = registry.eventType(type)!;
    expect(schema!.safeParse({ ...requiredPayload(row), somethingElse: 1 }).success).toBe(true);
    expect(schema!.safeParse(fullPayload(row)).success).toBe(true);
    for (const [key, { required, type: kind }] of Object.entries(row.payload)) {
      const { [key]: _left, ...without } = fullPayload(row) as { [key: string]: unknown };
      expect([key, schema!.safeParse(without).success]).toEqual([key, !required]);
      if (kind !== 'any') expect([key, schema!.safeParse({ ...without, [key]: Number.NaN }).success]).toEqual([key, false]);
    }
  });

  const folding = createFold(registry);
  it.each(catalogue.map((row) => [row.type, row] as const))('D-086 %s is read by the fold of its stream, which goes on by one and names it as the last', (type, row) => {
    const streamType = row.streamType === 'any' ? 'custom' : row.streamType;
    const before = folding.initial(streamType, 'PROJ-1');
    const event = eventAfter(before, [type, fullPayload(row)]);
    const after = folding.apply(before, event);
    expect([after.revision, after.lastEventId]).toEqual([1, event.id]);
    // Some may not come first, which is marked; none is unknown to its stream.
    expect(after.anomalies.filter(({ code }) => code === 'UNKNOWN_TYPE' || code === 'UPCAST_FAILED')).toEqual([]);
  });

  it('K-002 has the nine events of document 003, and beside them that a sprint or a task is created, updated, deleted and moved on', () => {
    const nine = ['sprint.metadata_updated', 'sprint.status_changed', 'task.assigned', 'task.blocked', 'task.priority_changed', 'task.progress_updated', 'session.started', 'session.resumed', 'context.assembled'];
    const further = ['sprint', 'task'].flatMap((noun) => ['created', 'updated', 'deleted', 'status_changed'].map((verb) => `${noun}.${verb}`));
    for (const type of [...nine, ...further]) expect([type, registry.eventType(type)?.name, registry.canonicalName(`orchestration.${type}`)]).toEqual([type, type, type]);
  });

  it.each([
    ['a decision', ['decision.recorded']],
    ['a line of the log of a job', ['job.log_appended']],
    ['the progress of a job', ['job.progress_updated']],
    ['an agent that goes on', ['agent_run.unblocked']],
    ['a component that fails', ['planner.failed', 'coder.failed', 'critique.failed']],
    ['the end of a session', ['session.ended']],
    ['a replay', ['replay.started', 'replay.completed', 'replay.failed', 'replay.cancelled']],
  ])('K-055 %s, asked for and without a type in the documents, has types of its own, marked as such', (_feature, types) => {
    for (const type of types) {
      expect(registry.eventType(type)!.definition.ledger).toContain('X-027');
      expect(registry.canonicalName(type)).toBe(type);
    }
  });

  it.each(catalogue.flatMap((row) => (row.entity === null ? [] : [[row.type, row.entity, row] as const])))('%s is about the part %s', (type, entity, row) => {
    const kind = entity.split('=')[0];
    const event = { id: 'e-1', streamType: 'orchestration', streamId: 'PROJ-1', data: fullPayload(row) };
    expect(registry.eventType(type)!.definition.entity!(event)!.type).toBe(kind);
  });

  it('A-162 to A-172 K-003 resolves every spelling of every document to one type', () => {
    for (const { type, aliases } of catalogue) for (const spelling of [type, ...Object.values(aliases)]) if (spelling !== null) expect(registry.canonicalName(spelling)).toBe(type);
    expect(registry.canonicalName('ToolCallFailed')).toBe('tool_call.failed');
    expect(registry.canonicalName('SomethingElse')).toBeNull();
  });

  it('B-122 names each type by what it is about and what happened to it, and says in a sentence what that means', () => {
    const irregular = new Set(['found', 'kept', 'made', 'rerun', 'sent', 'undone']);
    const types = registry.eventTypes();
    expect(types.filter(({ name }) => !/^[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*$/.test(name))).toEqual([]);
    const verbs = types.map(({ name }) => ({ name, verb: name.split(/[._]/).at(-1)! }));
    // Document 002 names it so.
    expect(verbs.filter(({ verb }) => !verb.endsWith('ed') && !irregular.has(verb)).map(({ name }) => name)).toEqual(['agent.status']);
    expect(types.filter(({ definition }) => !/^[A-Z].*\.$/.test(definition.doc ?? ''))).toEqual([]);
  });

  it('A-176 to A-186 K-005 gives each type one category, tests below quality assurance', () => {
    const category = (type: string): string => registry.eventType(type)!.definition.category ?? type.split('.')[0]!;
    const named = catalogue.filter(({ aliases }) => aliases['jira'] !== null && !['AgentUnblocked', 'DecisionRecorded'].includes(aliases['jira']!));
    const counts = Object.groupBy(named, ({ type }) => category(type));
    expect(Object.fromEntries(Object.entries(counts).map(([name, rows]) => [name, rows!.length]))).toEqual({
      orchestration: 5, phase: 3, agent_run: 4, gap: 3, git: 4, jira: 3, documentation: 2, quality: 3, tests: 3, checkpoint: 2, error: 4,
    });
    expect([parentCategoryOf('tests'), parentCategoryOf('quality'), parentCategoryOf('git')]).toEqual(['quality_assurance', 'quality_assurance', null]);
  });

  it('K-024 knows the kinds of run', () => {
    expect(runKinds).toEqual(['orchestration', 'session', 'workflow', 'rollout', 'execution', 'job', 'trace']);
    expect(catalog.map(({ type }) => type)).toEqual(expect.arrayContaining(['repo', 'case', 'log', 'issue', 'job_log', 'store', 'custom']));
  });

  it('the control events that TRUST.md and the failures of rules name are there, never refused', () => {
    for (const type of controlEventTypes) expect([type, registry.eventType(type)?.policy]).toEqual([type, 'tolerate']);
  });

  it("takes a user's own aggregate beside the built-in ones, and refuses one with a built-in name", () => {
    const own = { type: 'invoice', version: '1.0.0', initial: () => ({ total: 0 }), events: { 'invoice.sent': {} } };
    expect(createCatalogRegistry([own]).eventType('invoice.sent')?.streamType).toBe('invoice');
    expect(familyOf('invoice.sent')).toBe('own');
    expect(() => createCatalogRegistry([{ ...own, type: 'job' }])).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
  });
});
