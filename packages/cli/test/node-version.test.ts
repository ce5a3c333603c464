import { describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { nodeComplaint } from '../src/node-version.ts';

describe('an old Node', () => {
  test.each(['18.20.0', '20.20.2', '22.14.0', '22.22.1'])('is told in words: %s', (version) => expect(nodeComplaint(version)).toMatch(new RegExp(`^refold: error BAD_CONFIG: this is Node ${version};[^]*\ntry: `)));
  test.each(['22.22.2', '22.22.10', '22.23.0', '24.21.0', '26.10.0'])('%s will do', (version) => expect(nodeComplaint(version)).toBeNull());
  test('is older than what every package asks for', () => {
    const oldest = /^\^(\S+)/.exec(packageJson.engines.node)![1]!;
    expect([nodeComplaint(oldest), nodeComplaint('20.0.0')]).toEqual([null, expect.stringContaining(`needs ${oldest} or newer`) as string]);
  });
});
