import { describe, expect, it } from 'vitest';
import { address, partsOver } from '../../test/debug-world.ts';
import { history } from '../../test/voyage.ts';
import { createDebugger } from './create-debugger.ts';
import { runScript } from './run-script.ts';
import type { CommandResult, ScriptOutcome } from './run-script.ts';
import { parseCommand, parseScript } from './script.ts';

const voyage = history(
  ['voyage.planned', { ship: 'Beagle' }, { agent: 'planner' }],
  ['voyage.departed', {}, { agent: 'captain' }],
  ['speed.changed', { before: 0, after: 5 }, { agent: 'captain' }],
  ['note.added', { text: 'calm' }, { causationId: '00000000-0000-7000-8000-000000000003' }],
  ['speed.changed', { before: 5, after: 9 }, { agent: 'captain' }],
  ['voyage.arrived', {}, { agent: 'harbour' }],
);

/** A line per result, as a terminal could print it. */
function shown(result: CommandResult): string {
  switch (result.kind) {
    case 'stop':
      return [`${result.stop.state} @${result.stop.revision} ${result.stop.event?.type ?? '-'} ${result.stop.reason}${result.stop.breakpointIds.length > 0 ? ` [${result.stop.breakpointIds.join(',')}]` : ''}`, ...result.stop.logs.map(({ revision, text }) => `  log @${revision} ${text}`), ...result.watches.map(({ expression, value, error }) => `  ${expression} = ${error ?? JSON.stringify(value)}`)].join('\n');
    case 'breakpoint':
      return `breakpoint ${result.breakpoint.id}`;
    case 'breakpoints':
      return result.breakpoints.map(({ id, eventType, condition, path, nth, enabled, hits }) => `${id} ${enabled ? 'on' : 'off'} ${[eventType, condition, path, nth].filter((part) => part !== null).join(' ')} hits ${hits}`).join('\n');
    case 'watch':
      return `watch ${result.watch.id}`;
    case 'watches':
      return result.watches.map(({ id, expression, value }) => `${id} ${expression} = ${JSON.stringify(value)}`).join('\n') || 'none';
    case 'removed':
      return `removed ${result.id}`;
    case 'switched':
      return `${result.id} ${result.enabled ? 'on' : 'off'}`;
    case 'value':
      return result.error ?? JSON.stringify(result.value);
    case 'state':
      return JSON.stringify(result.value);
    case 'provenance':
      return result.entries.map(({ path, value, before, setBy }) => `${path} ${JSON.stringify(value)} @${setBy?.revision ?? '-'} was ${JSON.stringify(before)}`).join('\n');
    case 'diff':
      return [`${result.from}..${result.to}`, ...result.patches.map(({ op, path, before, after }) => `  ${op} ${path} ${JSON.stringify(before)} -> ${JSON.stringify(after)}`)].join('\n');
    case 'events':
      return result.events.map(({ revision, type }) => `${revision === result.revision ? '>' : ' '} @${revision} ${type}`).join('\n');
    case 'flips':
      return [...result.flips.map(({ revision, from, to }) => `@${revision} ${String(from)} -> ${String(to)}`), `${result.summary.flips} flips`].join('\n');
    case 'first':
      return result.flip === null ? 'never' : `@${result.flip.revision}`;
    case 'assertion':
      return result.holds ? 'ok' : `failed${result.error === null ? '' : `: ${result.error}`}`;
    case 'export':
      return `${result.file}: ${result.exported.timeline.length} visits`;
    case 'quit':
      return 'bye';
    case 'refused':
      return `${result.error.code} ${result.error.details.reason ?? ''}`.trim();
  }
}

async function transcript(text: string): Promise<{ readonly lines: readonly string[]; readonly outcome: ScriptOutcome }> {
  const parts = partsOver(voyage);
  const session = await createDebugger(parts, address);
  await session.start();
  const lines: string[] = [];
  const run = runScript(session, parseScript(text), parts);
  for (let next = await run.next(); ; next = await run.next()) {
    if (next.done === true) return { lines, outcome: next.value };
    lines.push(`> ${next.value.line.text}`, ...shown(next.value.result).split('\n'));
  }
}

const golden = (text: string): readonly string[] => text.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');

describe('debug scripts', () => {
  it('run as the transcript says: stepping, running, breakpoints, logpoints, watches', async () => {
    const { lines, outcome } = await transcript(`
      # a comment, and an empty line

      break speed.* if state.knots > 5
      log "note \${data.text}" on note.added
      watch state.knots
      c
      breaks
      rc
      s
      s agent
      b 2
      off 1
      c
      on 1
      del 3
      watches
      until @2
      until @2
      restart
      q
      s
    `);
    expect(lines).toEqual(golden(`
> break speed.* if state.knots > 5
breakpoint 1
> log "note \${data.text}" on note.added
breakpoint 2
> watch state.knots
watch 3
> c
paused @5 speed.changed breakpoint [1]
  log @4 note calm
  state.knots = 9
> breaks
1 on speed.* state.knots > 5 hits 1
2 on note.added hits 1
> rc
paused @0 - start
  log @4 note calm
  state.knots = 0
> s
paused @1 voyage.planned step
  state.knots = 0
> s agent
paused @2 voyage.departed step
  state.knots = 0
> b 2
paused @0 - step
  state.knots = 0
> off 1
1 off
> c
completed @6 voyage.arrived end
  log @4 note calm
  state.knots = 0
> on 1
1 on
> del 3
removed 3
> watches
none
> until @2
paused @5 speed.changed breakpoint [1]
> until @2
paused @2 voyage.departed place
  log @4 note calm
> restart
paused @0 - place
> q
bye
`));
    expect(outcome).toEqual({ ok: true, assertions: 0, failed: 0, refused: null });
  });

  it('ask, look around and export as the transcript says', async () => {
    const { lines, outcome } = await transcript(`
      g @5
      p [event_type, state.knots]
      p data.nothing
      state /knots
      who /knots
      diff
      diff @2
      l 1
      b
      cause
      effects
      flips state.knots > 5
      first state.knots > 0
      first state.knots > 99
      break path /knots
      break nth 2 speed.changed
      break if state.status == "arrived"
      break flip state.knots > 5
      breaks
      g ~3
      c
      export session.json
      until end
      until start
      assert revision == 1.0
      q
    `);
    expect(lines).toEqual(golden(`
> g @5
paused @5 speed.changed place
> p [event_type, state.knots]
["speed.changed",9]
> p data.nothing
There is no "data.nothing" here.
> state /knots
9
> who /knots
/knots 9 @5 was 5
> diff
4..5
  replace /knots 5 -> 9
> diff @2
2..5
  replace /knots 0 -> 9
  add /log/0 null -> "calm"
> l 1
  @4 note.added
> @5 speed.changed
  @6 voyage.arrived
> b
paused @4 note.added step
> cause
paused @3 speed.changed step
> effects
paused @4 note.added step
> flips state.knots > 5
@5 false -> true
@6 true -> false
2 flips
> first state.knots > 0
@3
> first state.knots > 99
never
> break path /knots
breakpoint 1
> break nth 2 speed.changed
breakpoint 2
> break if state.status == "arrived"
breakpoint 3
> break flip state.knots > 5
breakpoint 4
> breaks
1 on /knots hits 0
2 on speed.changed 2 hits 0
3 on state.status == "arrived" hits 0
4 on  hits 0
> g ~3
paused @3 speed.changed place [1]
> c
paused @5 speed.changed breakpoint [1,2,4]
> export session.json
session.json: 7 visits
> until end
paused @6 voyage.arrived breakpoint [1,3,4]
> until start
paused @5 speed.changed breakpoint [1,2,4]
> assert revision == 1.0
failed
> q
bye
`));
    expect(outcome).toEqual({ ok: false, assertions: 1, failed: 1, refused: null });
  });

  it('hold when every assertion holds; what cannot be evaluated does not', async () => {
    expect((await transcript('g 3\nassert state.knots == 5\nassert type == "speed.changed"')).outcome).toEqual({ ok: true, assertions: 2, failed: 0, refused: null });
    const unknown = await transcript('g 3\nassert data.nothing == 1\nassert 1 + 1');
    expect(unknown.outcome).toMatchObject({ ok: false, failed: 2 });
    expect(unknown.lines[3]).toContain('data.nothing');
  });

  it('end at the first command that is refused', async () => {
    const { lines, outcome } = await transcript('g 99\ns');
    expect(lines).toEqual(['> g 99', 'NOT_FOUND revision']);
    expect(outcome).toMatchObject({ ok: false, refused: { code: 'NOT_FOUND' } });
    expect((await transcript('break if nosuch')).lines).toEqual(['> break if nosuch', 'BAD_EXPRESSION unknown_name']);
    expect((await transcript('del 7')).outcome.refused).toMatchObject({ details: { reason: 'breakpoint' } });
  });

  it.each(['jump 3', 's 0', 's agent 3 4', 'g', 'break', 'break a.b when x', 'break path', 'break nth x a.b', 'log text on a.b', 'log "\\x" on a.b', 'watch', 'c 3', 'constructor', '__proto__'])(
    'are refused before anything runs when a line says %s',
    (line) => {
      expect(() => parseScript(`s\n${line}`)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', details: expect.objectContaining({ reason: 'debug_command', line: 2 }) }));
    },
  );

  it('know places in every form that an address knows', () => {
    expect(['g 3', 'g @3', 'g end', 'g ~2', 'g 2026-01-01T00:00:00Z'].map((line) => parseCommand(line))).toEqual([
      { do: 'goTo', place: { kind: 'revision', revision: 3 } },
      { do: 'goTo', place: { kind: 'revision', revision: 3 } },
      { do: 'goTo', place: { kind: 'end' } },
      { do: 'goTo', place: { kind: 'back', count: 2 } },
      { do: 'goTo', place: { kind: 'instant', at: '2026-01-01T00:00:00.000Z' } },
    ]);
    expect(() => parseScript('g yesterday')).toThrow(expect.objectContaining({ code: 'BAD_TIMESTAMP', details: expect.objectContaining({ line: 1 }) }));
    expect(parseCommand('log "a \\"b\\" on c" on path /x if y == 1')).toEqual({ do: 'break', input: { path: '/x', condition: 'y == 1', log: 'a "b" on c' } });
  });
});
