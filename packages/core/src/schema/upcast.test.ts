import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyEventDefinition } from '../fold/aggregate.ts';
import { compareVersions, isVersion, upcast } from './upcast.ts';

const definition: AnyEventDefinition = {
  schemaVersion: '3.1.0',
  upcasts: [
    { from: '1.0.0', to: '2.0.0', step: (data) => ({ ...data, two: true }) },
    { from: '2.0.0', to: '3.0.0', step: (data) => ({ ...data, three: Number(data['two'] === true) }) },
  ],
};

describe('versions', () => {
  it('are ordered as semantic versioning 2.0.0 says', () => {
    const ordered = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0'];
    fc.assert(
      fc.property(fc.nat(ordered.length - 1), fc.nat(ordered.length - 1), (a, b) => {
        expect(compareVersions(ordered[a]!, ordered[b]!)).toBe(Math.sign(a - b));
      }),
    );
    expect(compareVersions('1.0.0+build', '1.0.0')).toBe(0);
    expect(['1.0.0', '1.2.3-a.1+b', '10.20.30'].map(isVersion)).toEqual([true, true, true]);
    expect(['1', '1.0', 'v1.0.0', 'latest', '01.0.0', ''].some(isVersion)).toBe(false);
  });
});

describe('upcast', () => {
  it('leads an old payload through every step to the newest version (A-195, B-142)', () => {
    expect(upcast(definition, { one: 1 }, '1.0.0')).toEqual({ ok: true, data: { one: 1, two: true, three: 1 }, schemaVersion: '3.1.0' });
    expect(upcast(definition, {}, '1.4.2')).toMatchObject({ ok: true, data: { two: true, three: 1 } });
    expect(upcast(definition, {}, '2.0.0')).toMatchObject({ ok: true, data: { three: 0 } });
    expect(upcast(definition, { x: 1 }, '3.0.0')).toEqual({ ok: true, data: { x: 1 }, schemaVersion: '3.1.0' });
  });

  it('reads a newer payload of the same major version as it is', () => {
    expect(upcast(definition, { x: 1 }, '3.9.0')).toEqual({ ok: true, data: { x: 1 }, schemaVersion: '3.9.0' });
  });

  it('tells a version that no step leads from, and a step that throws', () => {
    for (const version of ['0.9.0', '4.0.0', 'latest']) expect(upcast(definition, {}, version)).toMatchObject({ ok: false });
    const broken: AnyEventDefinition = { schemaVersion: '2.0.0', upcasts: [{ from: '1.0.0', to: '2.0.0', step: () => { throw new Error('no such field'); } }] };
    expect(upcast(broken, {}, '1.0.0')).toEqual({ ok: false, detail: 'the step from 1.0.0 to 2.0.0 failed: no such field' });
  });

  it('leaves the stored payload as it was', () => {
    const data = Object.freeze({ one: 1 });
    upcast(definition, data, '1.0.0');
    expect(data).toEqual({ one: 1 });
  });
});
