/**
 * The words payload shapes are written in. Shapes are open (unknown keys pass and are kept verbatim), because the documents
 * name only few payload keys; required is what identifies a part or carries its outcome (K-086).
 */
import { z } from 'zod';

export const string = z.string();
/** A key of a producer's database: text, or the number that it is there. */
export const id = z.union([z.string(), z.int()]);
export const number = z.number();
export const integer = z.int();
export const boolean = z.boolean();
export const strings = z.array(z.string());
export const object = z.record(z.string(), z.unknown());
export const objects = z.array(object);
/** Any JSON value, null included; a required key of this shape must be there. */
export const json = z.unknown().refine((value) => value !== undefined, { message: 'is missing' });
/** RFC 3339 with a zone. */
export const instant = z.iso.datetime({ offset: true });
export const day = z.iso.date();
export const priority = z.enum(['P0', 'P1', 'P2', 'P3']);
export const error = z.looseObject({ message: z.string(), code: z.string().optional(), stack: z.string().optional() });
export const reference = z.looseObject({ type: z.string(), id: z.string() });
export const oneOf = <const T extends readonly [string, ...string[]]>(...values: T): z.ZodType => z.enum(values);

interface Shape {
  readonly [key: string]: z.ZodType;
}

/** An open object: the keys of `required` must be there, those of `optional` may be. */
export const payload = (required: Shape, optional: Shape = {}): z.ZodType =>
  z.looseObject({ ...required, ...Object.fromEntries(Object.entries(optional).map(([key, shape]) => [key, shape.optional()])) });

/** As `payload`; for facts of foreign producers, which write null for what they do not know. */
export const looseFact = (required: Shape, optional: Shape = {}): z.ZodType =>
  z.looseObject({ ...required, ...Object.fromEntries(Object.entries(optional).map(([key, shape]) => [key, shape.nullish()])) });
