import { expect, test } from 'vitest';
import { completionsOf } from './completions.ts';

test('the last word is finished, and what stands before it stays', () => {
  expect(completionsOf("event.severity == 'ERROR' && event.data.du", ['duration_ms', 'dura-tion'])).toEqual(["event.severity == 'ERROR' && event.data.duration_ms"]);
  expect(completionsOf('event.str', [])).toEqual(['event.streamType', 'event.streamId']);
  expect(completionsOf('event.type.sta', [])).toEqual(["event.type.startsWith('')"]);
});

test('nothing is finished within a text', () => expect(completionsOf("event.type == 'event.ty", ['x'])).toEqual([]));
