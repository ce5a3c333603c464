import { describe, expect, test } from 'vitest';
import { nodeComplaint } from '../src/node-version.ts';

describe('an old Node', () => {
  test.each(['18.20.0', '20.20.2', '22.13.9'])('is told in words: %s', (version) => expect(nodeComplaint(version)).toMatch(new RegExp(`^refold: error BAD_CONFIG: this is Node ${version};[^]*\ntry: `)));
  test.each(['22.14.0', '22.23.3', '24.21.0', '26.10.0'])('%s will do', (version) => expect(nodeComplaint(version)).toBeNull());
});
