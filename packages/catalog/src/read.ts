/**
 * Reading a payload that is in the log. It may come from an importer or from an older or laxer writer, so nothing about its
 * shape is taken for granted: each reader gives the value when it is what it should be, else null or an empty list. Folding
 * never fails on a stored event.
 */
import type { EntityRef, Json, JsonObject } from '@refold/core';

/** `null` when there is no more to say than the message. */
export interface ErrorInfo {
  message: string;
  code?: string;
  stack?: string;
}

export const readText = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** An id: a text that is not empty, or a number as text. */
export function readId(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

export const readNumber = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
export const readInteger = (value: unknown): number | null => (Number.isSafeInteger(value) ? (value as number) : null);
export const readFlag = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);
export const readJson = (value: Json | undefined): Json => value ?? null;
export const readTexts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
export const readObject = (value: unknown): JsonObject | null => (isObject(value) ? value : null);
export const readObjects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A choice from a closed list; null when it is none of them. */
export const readChoice = <const T extends string>(value: unknown, choices: readonly T[]): T | null => choices.find((choice) => choice === value) ?? null;

export function readReference(value: unknown): EntityRef | null {
  const found = readObject(value);
  const [type, id] = [readText(found?.['type']), readId(found?.['id'])];
  return type === null || id === null ? null : { type, id };
}

export function readError(value: unknown): ErrorInfo | null {
  if (typeof value === 'string') return { message: value };
  if (!isObject(value)) return null;
  const [code, stack] = [readId(value['code']), readText(value['stack'])];
  return { message: readText(value['message']) ?? 'unknown error', ...(code === null ? {} : { code }), ...(stack === null ? {} : { stack }) };
}

/** Seconds from one instant to another; null when one of them is not known. */
export function secondsBetween(from: string | null, to: string): number | null {
  const milliseconds = millisecondsBetween(from, to);
  return milliseconds === null ? null : milliseconds / 1_000;
}

export function millisecondsBetween(from: string | null, to: string): number | null {
  const milliseconds = from === null ? Number.NaN : Date.parse(to) - Date.parse(from);
  return Number.isFinite(milliseconds) ? milliseconds : null;
}

/** The first `length` characters, on one line; never half a surrogate pair. */
export function excerpt(text: string, length: number): string {
  // Twice the length in code units always holds that many characters; a text of a megabyte is not walked to its end.
  const characters = [...text.slice(0, length * 2 + 1).toWellFormed()];
  const head = characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : characters.join('');
  return head.replaceAll(/\s+/g, ' ').trim();
}

/** A payload value in a sentence for people; "?" when it is not there. */
export function shown(value: unknown): string {
  if (typeof value === 'string' && value !== '') return excerpt(value, 120);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return '?';
}

/** `${before}${value}` when there is a value, else nothing: for the optional end of a sentence. */
export const tail = (before: string, value: unknown): string => {
  const text = isObject(value) ? shown(value['message']) : shown(value);
  return text === '?' ? '' : `${before}${text}`;
};
