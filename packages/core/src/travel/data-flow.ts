/**
 * Values by which data can be followed from an output to a later input. Only what is unlikely to stand in two payloads by
 * chance: long texts, addresses and paths inside texts, numbers with many digits. Ids of the run's own entities are not data.
 */
import type { JsonObject } from '../log/event.ts';

export interface TellingValue {
  readonly value: string;
  /** 0 to 1; longer values say more. */
  readonly strength: number;
  /** The value, cut for people. */
  readonly shown: string;
}

const valuesPerEventMax = 64;
const nodesPerEventMax = 2_000;

export function valuesThatTell(data: JsonObject, isOwnId: (text: string) => boolean): readonly TellingValue[] {
  const found = new Map<string, TellingValue>();
  const open: unknown[] = [data];
  for (let looked = 0; open.length > 0 && looked < nodesPerEventMax && found.size < valuesPerEventMax; looked++) {
    const part = open.pop();
    if (typeof part === 'string') addText(part, found, isOwnId);
    else if (typeof part === 'number') addNumber(part, found);
    else if (typeof part === 'object' && part !== null) for (const inner of Object.values(part)) open.push(inner);
  }
  return [...found.values()];
}

function addText(text: string, found: Map<string, TellingValue>, isOwnId: (text: string) => boolean): void {
  if (text.length >= 8 && text.length <= 65_536 && !isWord(text) && !isOwnId(text)) add(found, text);
  if (text.length < 16 || !text.includes(' ')) return;
  // A value handed on inside a sentence: `use https://api.example/v1 for users`.
  for (const word of text.slice(0, 4_096).split(/[\s"'`,;()<>[\]{}]+/)) if (word.length >= 12 && !isWord(word) && !isOwnId(word)) add(found, word.replace(/[.:!?]$/, ''));
}

/** One plain word, however long, is vocabulary. */
const isWord = (text: string): boolean => /^[A-Za-z]+(?:[_-][A-Za-z]+)*$/.test(text) && text.length < 32;

function addNumber(value: number, found: Map<string, TellingValue>): void {
  const digits = String(Math.abs(value)).replace('.', '').replace(/^0+|0+$/g, '');
  if (digits.length >= 5) found.set(`#${value}`, { value: `#${value}`, strength: 0.4, shown: String(value) });
}

function add(found: Map<string, TellingValue>, text: string): void {
  const strength = text.length >= 32 ? 0.8 : text.length >= 16 ? 0.6 : 0.4;
  found.set(text, { value: text, strength, shown: JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text) });
}
