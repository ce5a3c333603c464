import { expect, test } from 'vitest';
import { createNodePorts } from '../src/node-ports.ts';

const { packer } = createNodePorts();
const listOf = (from: number): string => JSON.stringify(Array.from({ length: 2_000 }, (_, index) => ({ id: `call-${((from + index) * 7_919) % 10_007}`, text: 'ünïcode' })));

test('a text comes back as it was, packed alone and beside one that it resembles, whichever base was used last', () => {
  const [first, second] = [packer!.pack(listOf(0)), packer!.pack(listOf(5_000))];
  const beside = [packer!.pack(listOf(100), first), packer!.pack(listOf(5_100), second)] as const;
  expect(packer!.unpack(beside[0], first)).toBe(listOf(100));
  expect(packer!.unpack(beside[1], second)).toBe(listOf(5_100));
  expect(packer!.unpack(first)).toBe(listOf(0));
  expect(packer!.unpack(packer!.pack('', first), first)).toBe('');
});

test('beside a text that it mostly repeats a text takes less room', () => {
  const base = packer!.pack(listOf(0));
  expect(packer!.pack(listOf(100), base).length).toBeLessThan(base.length / 2);
});
