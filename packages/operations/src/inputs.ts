/** Inputs that several operations share. A door may hand in text (a query string) or values (JSON); both read the same. */
import { filterParameters } from '@refold/core';
import { z } from 'zod';

/** A whole number from 0, as a number or as its digits. */
export const wholeNumber = z.union([z.number().int().nonnegative(), z.string().regex(/^\d{1,15}$/, 'takes a whole number').transform(Number)]);
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
export const texts = z.union([z.array(z.string()), z.string().transform((text) => text.split(',').map((part) => part.trim()))]);

const one = z.union([z.string(), z.number(), z.boolean()]);
const several = z.union([one, z.array(z.union([z.string(), z.number()]))]);

/** Parameters that may be given more than once; any of the values will do. */
const listParameters: ReadonlySet<string> = new Set(['id', 'type', 'category', 'priority']);

/** The filter's parameters; what they mean and what is wrong with them is said by `parseFilter`. */
export const filterInput = z.looseObject(Object.fromEntries(filterParameters.map((name) => [name, (listParameters.has(name) ? several : one).optional()])));

export const pageInput = {
  limit: z.union([z.number(), z.string()]).optional().meta({ description: 'Items per page, 1 to 1,000; default 100.' }),
  cursor: z.string().optional().meta({ description: 'nextCursor of the page before.' }),
  offset: z.union([z.number(), z.string()]).optional(),
  order: z.string().optional().meta({ description: 'asc (default) or desc.' }),
  sort: z.string().optional(),
  total: z.union([z.boolean(), z.string()]).optional().meta({ description: 'true also counts all items that match.' }),
};

/** Where to stand in a stream; at most one of them, none = the newest event. */
export const placeInput = {
  place: z.string().optional().meta({ description: 'A revision, an instant, start, end, or ~n.' }),
  at: z.string().optional().meta({ description: 'As it happened: exactly the events with occurredAt up to it.' }),
  recordedAt: z.string().optional().meta({ description: 'As known then: the prefix recorded up to it.' }),
  revision: wholeNumber.optional(),
  position: wholeNumber.optional(),
};
