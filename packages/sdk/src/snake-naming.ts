/** Results as the documents print them, `stateSummary.currentPhase` as `state_summary.current_phase`; payloads stay as they are. */
import { toSnakeNaming as respell } from '@refold/catalog';
import type { Json } from '@refold/core';

/** `fromTimestamp` -> `from_timestamp`. */
export type SnakeCase<Name extends string> = Name extends `${infer Head}${infer Tail}` ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}` : Name;

/** A type with the names of its fields in snake_case, all the way down. Keys of maps are names of people and stay. */
export type SnakeNamed<T> = T extends readonly (infer Item)[]
  ? readonly SnakeNamed<Item>[]
  : T extends object
    ? { readonly [Name in keyof T as Name extends string ? (string extends Name ? Name : SnakeCase<Name>) : never]: Name extends 'data' | 'metadata' ? T[Name] : SnakeNamed<T[Name]> }
    : T;

/** An event, a state or any other result with snake_case names (X-005). Payload keys are never renamed. */
// Safe: results are JSON; their interfaces only do not say so, and the type above follows the same rule as the function.
export const toSnakeNaming = <T extends object>(result: T): SnakeNamed<T> => respell(result as unknown as Json) as SnakeNamed<T>;
