/** One valid payload for every type of the model, made from its catalogue; and more where a transition asks the payload. */
import { readFileSync } from 'node:fs';
import type { JsonObject } from '@refold/core';

export interface CatalogueRow {
  readonly type: string;
  readonly aliases: { readonly [dialect: string]: string | null };
  readonly streamType: string;
  readonly entity: string | null;
  readonly payload: { readonly [key: string]: { readonly type: string; readonly required: boolean } };
  readonly policy: 'enforce' | 'tolerate';
  readonly replayClass: 'S' | 'I' | 'C' | 'N' | 'O';
  readonly priority: string;
  readonly severity: string;
  readonly broadcast: boolean;
  readonly ledger: readonly string[];
}

export const fixture = <T>(name: string): T => JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')) as T;

export const catalogue = fixture<readonly CatalogueRow[]>('catalogue.json');

const values: { readonly [type: string]: JsonObject[string] } = {
  string: 'text',
  int: 1,
  number: 0.5,
  any: null,
  object: { key: 'value' },
  'string[]': ['text'],
  'object[]': [{ key: 'value' }],
  boolean: true,
  error: { message: 'it broke' },
  ref: { type: 'task', id: 't-1' },
  datetime: '2026-01-01T00:00:00.000Z',
  date: '2026-01-01',
};

const valueOf = (type: string): JsonObject[string] => values[type] ?? type.split('|')[0]!;

export const fullPayload = (row: CatalogueRow): JsonObject => Object.fromEntries(Object.entries(row.payload).map(([key, { type }]) => [key, valueOf(type)]));

export const requiredPayload = (row: CatalogueRow): JsonObject =>
  Object.fromEntries(Object.entries(row.payload).flatMap(([key, { type, required }]) => (required ? [[key, valueOf(type)]] : [])));
