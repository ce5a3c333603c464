/** The words of redaction: what can be asked for, and what stands where something was masked. */
import type { JsonObject } from '../log/event.ts';
import type { Clock, Hasher } from '../ports.ts';
import type { SecretRule } from './secret-rules.ts';

/** off: as it is. flag: as it is, and on record. mask: replaced. reject: the event is refused. */
export type RedactionMode = 'off' | 'flag' | 'mask' | 'reject';

/** What was found where. `kept` marks a hit in mode flag: it is stored in clear. */
export interface Redaction {
  readonly rule: string;
  /** Into the event: `/data/headers/0`, `/changes/note/after`. */
  readonly pointer: string;
  readonly count: number;
  readonly kept?: true;
}

/**
 * A path is dotted, from `data`, `metadata` or another field of the event on, and covers everything below it: `data.headers.authorization`. `*` stands for
 * one step, `**` for any number of them. A path that begins with `/` is a JSON pointer with the same wildcards.
 */
export interface PathMode {
  readonly path: string;
  readonly mode: RedactionMode;
}

/** A value that is masked whatever it looks like; `rule` names why (`x-secret`, `x-pii`). */
export interface SecretPath {
  readonly path: string;
  readonly rule: string;
}

/** What is left alone; all parts that are given must fit. `id` is the eight characters of a masked value. */
export interface Allowance {
  readonly rule?: string;
  readonly path?: string;
  readonly id?: string;
}

export interface RedactorOptions {
  readonly hasher: Pick<Hasher, 'hmacSha256'>;
  /** Secret of this log; the ids of masked values hang on it. */
  readonly key: Uint8Array;
  /** Where no path says otherwise. Default "mask". */
  readonly mode?: RedactionMode;
  /** The first path that covers a hit decides. */
  readonly modes?: readonly PathMode[];
  readonly secretPaths?: readonly SecretPath[];
  /** A bare text is a path. */
  readonly allow?: readonly (Allowance | string)[];
  readonly rules?: readonly SecretRule[];
  /** Sources of patterns that a key must end with, in lower case with `_` between words. */
  readonly keyPatterns?: readonly string[];
  /** Without a clock there is no time budget. */
  readonly clock?: Pick<Clock, 'worked'>;
  readonly milliseconds?: number;
}

export interface Redactable {
  readonly data: JsonObject;
  readonly metadata: JsonObject;
  /** Other fields of the event, by their names. They have fixed types, so a mask there is always a text. */
  readonly envelope?: JsonObject;
}

export interface Redacted extends Redactable {
  /** One entry per rule and place; empty when the input came back as it is. Belongs into `metadata.redactions`. */
  readonly redactions: readonly Redaction[];
}

/** @param annotated  Paths that the event's own schema marks as secret. */
export type Redactor = (event: Redactable, annotated?: readonly SecretPath[]) => Redacted;

/** True for the object that stands for a masked or withheld value, and for nothing that could hide more than that. */
export function isRedacted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '$redacted')) return false;
  const { $redacted: rule, len, bytes, id, ...rest } = value as { readonly [key: string]: unknown };
  const isNamed = typeof rule === 'string' && /^[a-z0-9-]{1,64}$/.test(rule);
  const isMask = typeof len === 'number' && typeof id === 'string' && /^[0-9a-f]{8}$/.test(id) && bytes === undefined;
  const isWithheld = typeof bytes === 'number' && len === undefined && id === undefined;
  return isNamed && (isMask || isWithheld) && Object.keys(rest).length === 0;
}
