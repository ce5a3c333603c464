/** The table of statuses against the reference that people read. */
import { readFileSync } from 'node:fs';
import { errorCodes } from '@refold/core';
import { expect, test } from 'vitest';
import { httpStatuses } from './error-map.ts';

const reference = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8');
const rows = new Map([...reference.matchAll(/^\| ([A-Z][A-Z0-9_]+) \| (\d{3}|start-up only) \|/gm)].map(([, code, status]) => [code!, status!]));

test('every code of the reference has the HTTP status that the reference gives it, and no other code has one', () => {
  expect([...rows.keys()].sort()).toEqual([...errorCodes].sort());
  expect(Object.fromEntries(Object.entries(httpStatuses).map(([code, status]) => [code, status === null ? 'start-up only' : String(status)]))).toEqual(Object.fromEntries(rows));
});
