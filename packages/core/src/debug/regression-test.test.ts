import { describe, expect, it } from 'vitest';
import { partsOver, started } from '../../test/debug-world.ts';
import { event, history } from '../../test/voyage.ts';
import { exportSession, importSession } from './export.ts';
import type { DebugExport } from './export.ts';
import { regressionScript, regressionTestSource, watchedFacts } from './regression-test.ts';
import { runScript } from './run-script.ts';
import type { ScriptOutcome } from './run-script.ts';
import { parseScript } from './script.ts';

const voyage = history(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed'], ['speed.changed', { before: 0, after: 5 }], ['note.added', { text: 'a "quoted"\nline' }]);
const { reader: _reader, ...detached } = partsOver([]);

async function watched(): Promise<DebugExport> {
  const session = await started(voyage);
  session.addWatch('state.knots');
  session.addWatch('[event_type, state.status]');
  session.addWatch('data.text');
  session.addWatch('{"log": state.log}');
  await session.resume();
  await session.stepBack({ count: 2 });
  return await exportSession(session, { now: 0 });
}

async function run(script: string, exported: DebugExport): Promise<ScriptOutcome> {
  const steps = runScript(await importSession(exported, detached), parseScript(script), partsOver(voyage));
  for (let next = await steps.next(); ; next = await steps.next()) if (next.done === true) return next.value;
}

describe('a debug session as a regression test', () => {
  it('states what the watches showed, each once, and nothing about what could not be evaluated', async () => {
    expect(watchedFacts(await watched())).toEqual(
      [1, 2, 3, 4].flatMap((revision) => [
        { revision, expression: '[event_type, state.status]', value: [voyage[revision - 1]!.type, revision === 1 ? 'planned' : 'sailing'] },
        ...(revision === 4 ? [{ revision, expression: 'data.text', value: 'a "quoted"\nline' }] : []),
        { revision, expression: 'state.knots', value: revision < 3 ? 0 : 5 },
        { revision, expression: '{"log": state.log}', value: { log: revision < 4 ? [] : ['a "quoted"\nline'] } },
      ]),
    );
  });

  it('is a script whose assertions hold over the same events, and fail over others', async () => {
    const exported = await watched();
    const script = regressionScript(exported);
    expect(await run(script, exported)).toEqual({ ok: true, assertions: 13, failed: 0, refused: null });
    const changed = { ...exported, events: exported.events.map((one) => (one.revision === 3 ? event(3, 'speed.changed', { before: 0, after: 6 }) : one)) };
    expect(await run(script, changed)).toMatchObject({ ok: false, failed: 2 });
  });

  it('is source text in which nothing of the log can end a comment or a line', async () => {
    const exported = await watched();
    const source = regressionTestSource({ ...exported, info: { ...exported.info, aggregateId: 'V*/evil\nimport "x"' } }, { fixture: 'voyage.debug.json', registry: { module: '@refold/catalog', name: 'createCatalogRegistry' } });
    expect(source.split('\n')[0]).toBe('/** What a debug session of voyage/V* /evil import "x" saw, exported 1970-01-01T00:00:00.000Z. The events are in voyage.debug.json. */');
    expect(source).toContain('[3, "state.knots", 5],');
    expect(source).toContain('describe("voyage/V*/evil\\nimport \\"x\\""');
  });
});
