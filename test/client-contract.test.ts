/** The client's contract is the table of operations: a new operation, a field, a path cannot be forgotten there. */
import { readFileSync, readdirSync } from 'node:fs';
import { createClient } from '@refold/client';
import { defineOperation, isStream, operations } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contractFolder, contractOf } from '../scripts/client-contract.mjs';

describe("The client's contract", () => {
  test('is what `npm run contract` writes', () => {
    const written = contractOf(operations);
    expect(readdirSync(contractFolder).toSorted()).toEqual(Object.keys(written).toSorted());
    for (const [file, text] of Object.entries(written)) expect(readFileSync(contractFolder + file, 'utf8') === text, `${file} is stale: npm run contract`).toBe(true);
  });

  test('gives the client a method for every operation that has a path, and no name of its own among them', () => {
    const client = createClient({ url: 'http://127.0.0.1:8012' });
    const offered = operations.filter(({ http }) => http !== undefined).map(({ name }) => name);
    expect(Object.keys(client).toSorted()).toEqual([...offered, 'call', 'follow', 'signInLink', 'stream', 'url'].toSorted());
    expect(offered.filter((name) => typeof client[name as keyof typeof client] !== 'function')).toEqual([]);
    expect(operations.filter(isStream).length).toBeGreaterThan(0);
  });

  test('says what may be sent again: questions, and what has a commit id', () => {
    const given = { doc: 'For this test.', output: z.null(), run: async () => null };
    const { 'routes.ts': lines, 'operations.ts': text } = contractOf([
      defineOperation({ ...given, name: 'ask', scope: 'read', input: z.object({ a: z.string().optional() }), http: { method: 'GET', path: '/a' } }),
      defineOperation({ ...given, name: 'append', scope: 'append', input: z.object({ commitId: z.string().optional() }), http: { method: 'POST', path: '/b' } }),
      defineOperation({ ...given, name: 'act', scope: 'debug', input: z.object({ id: z.string() }), http: { method: 'POST', path: '/c/{id}' } }),
      defineOperation({ ...given, name: 'local', scope: 'read', input: z.object({}) }),
    ]);
    expect(lines).toContain("  ask: { method: 'GET', path: '/a', repeats: 'always' },\n  append: { method: 'POST', path: '/b', repeats: 'by commit id' },\n  act: { method: 'POST', path: '/c/{id}' },\n");
    expect(text).toContain('readonly ask: { readonly input: { readonly a?: string | undefined }; readonly output: null }');
    expect(`${text}${lines}`).not.toContain('local');
  });

  test('refuses a schema that it cannot write, instead of writing anything', () => {
    const odd = defineOperation({ name: 'odd', doc: 'For this test.', scope: 'read', input: z.object({ a: z.intersection(z.string(), z.string().min(2)) }), output: z.null(), http: { method: 'GET', path: '/odd' }, run: async () => null });
    expect(() => contractOf([odd])).toThrow('odd: scripts/client-contract.mjs has no TypeScript for');
  });
});
