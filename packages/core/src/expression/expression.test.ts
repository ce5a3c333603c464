import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { refusalOf } from '../../test/refusal.ts';
import { isLogError, type LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import type { EventEnvelope, JsonObject } from '../log/event.ts';
import { zeroHash } from '../log/event.ts';
import { compileExpression } from './expression.ts';
import type { ExpressionValues, ScopeName } from './scope.ts';

const eventWith = (data: JsonObject, more: Partial<EventEnvelope> = {}): EventEnvelope => ({
  id: '0190a000-0000-7000-8000-000000000001',
  type: 'task.completed',
  schemaVersion: '1.0.0',
  streamType: 'task',
  streamId: 'T-1',
  revision: 3,
  position: 9,
  entityType: 'task',
  entityId: 'T-1',
  occurredAt: '2026-01-02T03:04:05.678Z',
  recordedAt: '2026-01-02T03:04:06.000Z',
  actor: { type: 'user', id: 'ann' },
  correlationId: 'flow',
  correlationChain: ['root', 'flow'],
  data,
  metadata: {},
  priority: 'P2',
  severity: 'INFO',
  prevHash: zeroHash,
  hash: zeroHash,
  ...more,
});

const evaluate = (source: string, values: ExpressionValues = {}, scope: ScopeName = 'debug') => compileExpression(source, { scope }).evaluate(values);
const valueOf = (source: string, data: JsonObject = {}, values: ExpressionValues = {}, more: Partial<EventEnvelope> = {}) => {
  const answer = evaluate(source, { event: eventWith(data, more), ...values });
  if (!answer.ok) throw answer.error;
  return answer.value;
};
const refusal = (source: string, scope: ScopeName = 'event', result: 'bool' | 'any' = 'any'): LogError => {
  const error = refusalOf(() => compileExpression(source, { scope, result }));
  expect(error.code).toBe('BAD_EXPRESSION');
  return error;
};
const failure = (source: string, data: JsonObject = {}, values: ExpressionValues = {}): LogError => {
  const answer = evaluate(source, { event: eventWith(data), ...values });
  if (answer.ok) throw new Error(`"${source}" gave ${JSON.stringify(answer.value)}`);
  return answer.error;
};

describe('document 002 written down literally', () => {
  test('B-061: the condition of the breakpoint stops at a reward of 0.95 and not at 0.5 or at none', () => {
    const condition = compileExpression("event_data.get('reward', 0) > 0.8", { scope: 'debug', result: 'bool' });
    expect(condition.evaluate({ event: eventWith({ reward: 0.95 }) })).toEqual({ ok: true, value: true });
    expect(condition.evaluate({ event: eventWith({ reward: 0.5 }) })).toEqual({ ok: true, value: false });
    expect(condition.evaluate({ event: eventWith({}) })).toEqual({ ok: true, value: false });
  });

  test('B-062: the watches give the values of the current event', () => {
    expect(valueOf("event_data.get('reward', 0)", { reward: 0.95 })).toBe(0.95);
    expect(valueOf("event_data.get('reward', 0)")).toBe(0);
    expect(valueOf('event_type')).toBe('task.completed');
  });

  test.each([
    ['event_id', '0190a000-0000-7000-8000-000000000001'],
    ['aggregate_id', 'T-1'],
    ['aggregate_type', 'task'],
    ['version', 3],
    ['timestamp', '2026-01-02T03:04:05.678Z'],
    ['user_id', 'ann'],
    ['correlation_id', 'flow'],
    ['causation_id', null],
    ['service_name', null],
  ])('B-062: the name %s is %s', (name, value) => {
    expect(valueOf(name)).toEqual(value);
  });
});

describe('names', () => {
  test.each([
    ['event.type == "task.completed" && type == event.type'],
    ['event.streamId == streamId && stream == "task/T-1"'],
    ['actor.id == "ann" && actorId == "ann" && actorType == "user"'],
    ['"root" in correlationChain'],
    ['sessionId == null && !has(event.sessionId)'],
    ['type(event.revision) == double'],
    ['[1, 2].exists(type, type == 2)'],
    ['timestamp(event.occurredAt) < now && now - timestamp(occurredAt) > duration("1m")'],
  ])('%s holds', (source) => {
    expect(valueOf(source, {}, { now: Date.UTC(2026, 0, 3) })).toBe(true);
  });

  test('states are there in a debugger and not in a filter', () => {
    expect(valueOf('state.n > previous.n && before == null', {}, { state: { n: 2 }, previous: { n: 1 } })).toBe(true);
    expect(refusal('state.n > 1').details).toMatchObject({ reason: 'unknown_name', name: 'state' });
  });

  test('a run list has the run and no event', () => {
    expect(evaluate('run.status == "failed"', { run: { status: 'failed' } }, 'run')).toEqual({ ok: true, value: true });
    expect(refusal('event.type == "a.b"', 'run').details.reason).toBe('unknown_name');
  });

  test('a rule asks for entities and their children', () => {
    const values: ExpressionValues = { entity: (type, id) => ({ type, id }), children: () => [{ status: 'completed' }] };
    expect(evaluate('entity("sprint", "S1").id == "S1" && children("sprint", "S1", "task").all(t, t.status == "completed")', values, 'rule')).toEqual({ ok: true, value: true });
    expect(evaluate('entity("sprint", "S1") == null', {}, 'rule')).toEqual({ ok: true, value: true });
  });

  test('the names that an expression uses are told', () => {
    expect([...compileExpression('state.tasks.exists(t, t == event.type) && type != "x"', { scope: 'debug' }).names].sort()).toEqual(['event', 'state', 'type']);
  });
});

describe('numbers', () => {
  test.each([
    ['event.revision + 1', 4],
    ['1 + event.revision', 4],
    ['event.revision - 1', 2],
    ['2 * event.revision', 6],
    ['event.revision / 2', 1.5],
    ['event.revision % 2', 1],
    ['event.revision % data.n', 3],
    ['size(data.list) + 1', 4],
    ['data.list[event.revision - 1]', 3],
    ['double(data.n) / 2.0', 5],
  ])('%s is %d', (source, value) => {
    expect(valueOf(source, { n: 10, list: [1, 2, 3] })).toBe(value);
  });

  test.each([['event.revision == 3'], ['event.revision == 3.0'], ['event.revision >= 3'], ['3 in data.list'], ['data.list == [1, 2, 3]'], ['event.revision != "3"']])(
    '%s holds between recorded numbers and literals',
    (source) => {
      expect(valueOf(source, { list: [1, 2, 3] })).toBe(true);
    },
  );

  test('comparing any two recorded numbers agrees with JavaScript', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), (a, b) => {
        expect(valueOf(`data.a < data.b`, { a, b })).toBe(a < b);
        expect(valueOf(`data.a + 1 > data.a`, { a: a % 1_000_000 })).toBe(true);
      }),
    );
  });
});

describe('what is refused when it is written', () => {
  test.each([
    ['1 +', 1, 4],
    ['event.type ==\n  == 3', 2, 3],
    ['a b', 1, 3],
    ['event.type = "x"', 1, 12],
  ])('bad-input C1: %j is a syntax error at %d:%d', (source, line, column) => {
    expect(refusal(source).details).toMatchObject({ reason: 'syntax', line, column });
  });

  test('bad-input C2: a short word that is nothing like a name gets the names instead of a guess', () => {
    expect(refusal('foo == 1')).toMatchObject({ details: { name: 'foo', nearest: [] }, hint: expect.stringMatching(/^There are: event, /) as string });
  });

  test('bad-input C2: an unknown identifier is named, with the nearest known ones', () => {
    const { details, hint } = refusal('evnt.type == "x"');
    expect(details).toMatchObject({ reason: 'unknown_name', name: 'evnt', line: 1, column: 1 });
    expect(hint).toContain('event');
    expect(refusal('lowercase(event.type) == "x"').details).toMatchObject({ reason: 'unknown_name', name: 'lowercase' });
    expect(refusal('event.data.list.each(x, x)').details.reason).toBe('unknown_name');
  });

  test.each([['1'], ['"text"'], ['event.revision + 1'], ['[true]'], ['size(event.data)']])('bad-input C3: %s is not true or false', (source) => {
    const found = (() => {
      try {
        return compileExpression(source, { scope: 'event', result: 'bool' }).evaluate({ event: eventWith({}) });
      } catch (error) {
        return { ok: false as const, error: error as LogError };
      }
    })();
    expect(found).toMatchObject({ ok: false, error: { code: 'BAD_EXPRESSION', details: { reason: 'type' } } });
  });

  test('bad-input C3: what only the value tells is refused when it is met', () => {
    expect(compileExpression('event.data.flag', { scope: 'event', result: 'bool' }).evaluate({ event: eventWith({ flag: 'yes' }) })).toMatchObject({
      ok: false,
      error: { details: { reason: 'type', found: 'string' } },
    });
  });

  test('bad-input C6: 2 KiB of source are read and one byte more is refused', () => {
    const padded = (bytes: number): string => 'true'.padEnd(bytes, ' ');
    expect(valueOf(padded(defaultLimits.expressionBytesMax))).toBe(true);
    expect(refusal(padded(defaultLimits.expressionBytesMax + 1)).details).toMatchObject({ reason: 'size', limit: 2048 });
    expect(refusal(`"${'é'.repeat(1024)}" == ""`).details.reason).toBe('size');
  });

  test('bad-input C6: 200 nodes are read and the 201st is refused', () => {
    const sum = (terms: number): string => Array.from({ length: terms }, () => '1').join('+');
    expect(valueOf(`-(${sum(100)})`)).toBe(-100);
    expect(refusal(`-(${sum(100)}+1)`).details).toMatchObject({ reason: 'size', limit: 200 });
    expect(refusal(sum(101)).details).toMatchObject({ reason: 'size', limit: 200 });
  });

  test('bad-input C7: a nested comprehension of 10^9 steps is refused before it runs', () => {
    const nested = (depth: number): string => (depth === 0 ? 'true' : `[0,1,2,3,4,5,6,7,8,9].all(v${depth}, ${nested(depth - 1)})`);
    expect(refusal(nested(9)).details).toMatchObject({ reason: 'cost' });
    expect(valueOf(nested(3))).toBe(true);
    const overData = 'data.a.all(a, data.a.all(b, data.a.all(c, data.a.all(d, a + b + c + d > 0))))';
    expect(refusal(overData).details.reason).toBe('cost');
  });

  test.each([
    ['event.__proto__'],
    ['event.constructor'],
    ['event.data.constructor.prototype'],
    ['x.__proto__'],
    ['x.constructor'],
    ['this'],
    ['process'],
    ['globalThis'],
    ['__proto__'],
    ['cel.bind(a, 1, a)'],
    ['toString'],
    ['hasOwnProperty'],
    ['$values'],
  ])('bad-input C9: %s is no name', (source) => {
    expect(refusal(source).details.reason).toMatch(source.startsWith('$') ? /^syntax$/ : /^unknown_name$/);
  });

  test('bad-input C9: a payload key of such a name is data, and reaches no prototype', () => {
    expect(valueOf('event.data["constructor"]["prototype"].x', { constructor: { prototype: { x: 1 } } })).toBe(1);
    expect(failure('data["constructor"]').code).toBe('BAD_EXPRESSION');
    expect(failure('data["toString"]').code).toBe('BAD_EXPRESSION');
    expect(valueOf('data.get("toString", "none")')).toBe('none');
  });

  test.each([['ev\u{1F600}ent.type'], ['event.\u202Etype'], ['\u{1F600}'], ['event.typé']])('bad-input C10: %j is a syntax error', (source) => {
    expect(refusal(source).details.reason).toBe('syntax');
  });

  test('operands that can never fit are refused by type', () => {
    expect(refusal('"a" + 1').details).toMatchObject({ reason: 'type' });
    expect(refusal('size(1)').details).toMatchObject({ reason: 'type' });
  });

  test('whatever is written, the answer is an expression or BAD_EXPRESSION', () => {
    const word = fc.constantFrom('event', '.', 'data', '(', ')', '[', ']', '"a"', '1', '+', '==', '&&', '?', ':', 'x', '{', '}', ',', '!', '-', 'has', 'size', 'exists', 'in', '\\', '\n');
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 40 }), fc.array(word, { maxLength: 20 }).map((words) => words.join(' '))), (source) => {
        try {
          const answer = evaluate(source, { event: eventWith({}) });
          expect(answer.ok || answer.error.code === 'BAD_EXPRESSION').toBe(true);
        } catch (error) {
          expect(isLogError(error, 'BAD_EXPRESSION')).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what happens when it runs', () => {
  test('division by zero and overflow are answers and not crashes', () => {
    expect(failure('1 / 0').details.reason).toBe('evaluation');
    expect(failure('data.n / 0', { n: 1 }).details.reason).toBe('evaluation');
    expect(failure('9223372036854775807 + 1').details.reason).toBe('evaluation');
  });

  test('bad-input C5: an absent field is an evaluation error, and has() and get() guard it', () => {
    expect(failure('data.reward > 0.8').details).toMatchObject({ reason: 'absent', name: 'data.reward', line: 1, column: 1 });
    expect(valueOf('has(data.reward) && data.reward > 0.8')).toBe(false);
    expect(valueOf('data.get("a", {}).get("b", 1)')).toBe(1);
    expect(valueOf('data.reward > 0.8 || true')).toBe(true);
    expect(valueOf('data.reward == null', { reward: null })).toBe(true);
  });

  test('bad-input C7: a loop over data pays for what it does, also where || or exists would swallow the refusal', () => {
    const long = Array.from({ length: 1000 }, (_, index) => index);
    expect(failure('data.a.all(a, data.a.all(b, data.a.all(c, a + b + c >= 0)))', { a: long }).details.reason).toBe('cost');
    expect(failure('data.a.exists(a, data.a.exists(b, data.a.exists(c, c < 0))) || true', { a: long }).details.reason).toBe('cost');
    expect(valueOf('data.a.exists(a, a == 999)', { a: long })).toBe(true);
    expect(valueOf('data.a.filter(a, data.a.exists(b, b == a + 998)).size()', { a: long.slice(0, 200) })).toBe(0);
  });

  test('bad-input C7: doubling a list or a text in a chain of maps is paid for', () => {
    const doubled = (start: string, times: number): string => start + '.map(x, x + x)'.repeat(times);
    expect(failure(doubled('[[1]]', 30)).details.reason).toBe('cost');
    expect(failure(`${doubled('[data.text]', 30)} == []`, { text: 'x'.repeat(100_000) }).details.reason).toBe('cost');
    expect(failure('data.a.all(x, size(data.text) > 0)', { a: Array.from({ length: 500 }, () => 1), text: 'x'.repeat(100_000) }).details.reason).toBe('cost');
    expect(failure('data.a.all(x, x in data.a)', { a: Array.from({ length: 2000 }, () => 1) }).details.reason).toBe('cost');
  });

  test.each([
    ['an error that exists goes over', 'data.a.exists(x, 1 / 0 == 1)'],
    ['a key that is missing, for an all that goes on', 'data.a.all(x, data.nope == 1 || data.none == 2)'],
    ['a function chosen anew', 'data.a.exists(x, timestamp("2026-01-01T00:00:00Z").getFullYear() == 3)'],
    ['the kind of a large record', 'data.a.exists(x, type(data.record) == string)'],
    ['a large text read through', 'data.a.exists(x, data.text.size() == 3)'],
    ['a large text searched', 'data.a.exists(x, data.text.contains("b"))'],
  ])('bad-input C7: in a loop %s is paid for', (_, source) => {
    const data = { a: Array.from({ length: 50_000 }, (_element, index) => index), text: 'a'.repeat(50_000), record: Object.fromEntries(Array.from({ length: 200 }, (_element, index) => [`key-${index}`, index])) };
    expect(failure(source, data).details.reason).toBe('cost');
    expect(failure(`${source} || 1 / 0 == 1`, data).details.reason).toBe('cost');
  });

  test('bad-input C7: what is used up is used up: a loop that goes on after errors does nothing more', () => {
    let asked = 0;
    const entity = () => {
      asked++;
      throw new Error('asked');
    };
    const answer = evaluate('data.a.exists(x, entity("a", "b") == 1)', { event: eventWith({ a: Array.from({ length: 50_000 }, () => 1) }), entity }, 'rule');
    expect(answer).toMatchObject({ ok: false, error: { details: { reason: 'cost' } } });
    expect(asked).toBeLessThan(2_000);
  });

  test('one pass over an event of the largest size is no loop: a text of 1 MB is searched, and 20,000 elements are looked at', () => {
    expect(valueOf('data.text.contains("b") || size(data.text) == 3', { text: 'a'.repeat(700_000) })).toBe(false);
    expect(valueOf('data.a.exists(x, x == "b") || data.a.exists(x, x.startsWith("b"))', { a: Array.from({ length: 10_000 }, () => 'a') })).toBe(false);
  });

  test.each([['data.text.matches("(a+)+$")'], ['matches(data.text, "(a+)+$")'], ['re2(data.text, "(a+)+$")'], ['data.text.re2("(a+)+$")'], ['data.text.matches(data.pattern)']])(
    'bad-inputs C8 and B12: %s answers over 50 kB that would take a backtracking matcher for ever',
    (source) => {
      expect(valueOf(source, { text: `${'a'.repeat(50_000)}!`, pattern: '(a+)+$' })).toBe(false);
      expect(valueOf(source, { text: 'a'.repeat(50_000), pattern: '(a+)+$' })).toBe(true);
    },
  );

  test('a pattern is found anywhere in the text, and one that RE2 does not have is refused', () => {
    expect(valueOf('type.matches("complet")')).toBe(true);
    expect(valueOf('type.matches("^task[.]completed$")')).toBe(true);
    expect(refusal('type.matches("(?=a)")').details).toMatchObject({ reason: 'pattern', line: 1, column: 14 });
    expect(failure('type.matches(data.pattern)', { pattern: '(' }).details.reason).toBe('evaluation');
  });

  test('one compiled expression inside another keeps its own budget and values', () => {
    const inner = compileExpression('size(data.a)', { scope: 'debug' });
    const entity = () => {
      const answer = inner.evaluate({ event: eventWith({ a: [1, 2, 3] }) });
      return answer.ok ? answer.value : null;
    };
    expect(evaluate('entity("a", "b") == 3 && entity("a", "b") == 3', { entity }, 'rule')).toEqual({ ok: true, value: true });
  });

  test('answers are plain JSON', () => {
    expect(valueOf('{"a": [1, 2.5, null, "x"], "b": timestamp("2026-01-02T00:00:00Z"), "c": duration("90s"), "d": b"\\x01", "e": data}', { n: 1 })).toEqual({
      a: [1, 2.5, null, 'x'],
      b: '2026-01-02T00:00:00.000Z',
      c: '90s',
      d: '01',
      e: { n: 1 },
    });
    expect(valueOf('9007199254740993')).toBe('9007199254740993');
    expect(valueOf('[5u, type(1) == int]')).toEqual([5, true]);
    expect(valueOf('type(1)')).toBe('int');
  });
});
