import { describe, expect, test } from 'vitest';
import { matchingTypes } from './matching-types.ts';
import { fieldsOf } from './schema-fields.ts';

const type = (name: string, rest: object = {}) => ({ name, streamType: 'job', part: null, schemaVersion: '1.0.0', aliases: {}, effect: 'state_only', policy: 'enforce' as const, priority: 'P2', severity: 'INFO', doc: '', count: 0, ...rest });

describe('event types', () => {
  test('are found by every word in name, other names or description', () => {
    const types = [type('job.failed', { aliases: { agentLightning: 'JobFailed' } }), type('job.started', { doc: 'A worker took it up.' }), type('constructor', { streamType: null })];
    const names = (words: string, kind: string | null = null): readonly string[] => matchingTypes(types, words, kind).map(({ name }) => name);
    expect([names('jobfailed'), names('job worker'), names('', 'job'), names('constructor'), names('nothing like it')]).toEqual([['job.failed'], ['job.started'], ['job.failed', 'job.started'], ['constructor'], []]);
  });

  test('show the fields of their payload, whatever the schema holds', () => {
    const schema = { type: 'object', required: ['error'], properties: { error: { anyOf: [{ type: 'string' }, { type: 'object' }], description: 'Why' }, steps: { type: 'array', items: { type: 'string' } }, level: { enum: ['a', 'b'] }, odd: true } };
    expect(fieldsOf(schema)).toEqual([
      { name: 'error', type: 'string | object', isRequired: true, doc: 'Why' },
      { name: 'steps', type: 'string[]', isRequired: false, doc: '' },
      { name: 'level', type: 'a | b', isRequired: false, doc: '' },
      { name: 'odd', type: 'anything', isRequired: false, doc: '' },
    ]);
    expect(fieldsOf({})).toEqual([]);
  });
});
