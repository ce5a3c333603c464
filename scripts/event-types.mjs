/**
 * The payloads of the catalogue's event types, as TypeScript: packages/catalog/src/types/events.ts, made from the schemas that an
 * append is held against, so that the two cannot say different things.
 *
 *   npm run contract                 writes the file
 *
 * test/event-types.test.ts fails when it is stale.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCatalogRegistry } from '@refold/catalog';
import { z } from 'zod';
import { block, comment, literal, typeOf } from './client-contract.mjs';

export const eventTypesFile = fileURLToPath(new URL('../packages/catalog/src/types/events.ts', import.meta.url));

/** @returns {string} what stands in the file */
export function eventTypesText() {
  const members = createCatalogRegistry()
    .eventTypes()
    .map(({ name, schema, definition }) => `${comment({ description: definition.doc }, '\n')}readonly ${literal(name)}: ${schema === null ? 'JsonObject' : payloadType(name, schema)}`);
  return [
    '/** What the events of the catalogue carry, by type. Written by `npm run contract` from the schemas of the catalogue; do not edit. */',
    "import type { Json, JsonObject } from '@refold/core';",
    '',
    `export interface EventPayloads ${block(members)}`,
    '',
  ].join('\n');
}

/**
 * Payloads are open: beside what a schema names, any JSON may stand.
 *
 * @param {string} name
 * @param {z.ZodType} schema
 */
function payloadType(name, schema) {
  /** @param {string} what @returns {never} */
  const unreadable = (what) => {
    throw new Error(`${name}: scripts/client-contract.mjs has no TypeScript for ${what}.`);
  };
  return typeOf(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }), {
    io: 'output',
    nameOf: unreadable,
    unreadable,
    anything: 'Json',
    objectOf: (members) => (members.length === 0 ? 'JsonObject' : `${block(members)} & JsonObject`),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(eventTypesFile, eventTypesText());
