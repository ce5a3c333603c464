/**
 * `JSON.parse` for text that is sound but whose keys come from anybody: bodies, states, snapshots.
 *
 * V8 from 12.8 on (seen in Node 24.21 and 26.5) gives an object the wrong key when the key is written with an escape and an
 * object of the same shape before it had a key that looks like the start of that spelling:
 * `JSON.parse('{"k":1,"\\\\":2}')`, then `JSON.parse('{"k":1,"\\"":2}')`, gives `{ k: 1, '\\': 2 }` (nodejs/node#63785). A log that
 * returns what it was given cannot live with that, so texts with escaped keys are read here; their strings one by one by
 * `JSON.parse`, which is right about strings. Everything else takes the quick way.
 */
import type { Json } from '../log/event.ts';

/**
 * The value of a JSON text.
 *
 * @throws SyntaxError when the text is not JSON.
 * Cost: that of `JSON.parse`, and one look for escaped keys; several times that when there are any.
 */
export const parseJson = (text: string): Json => (holdsEscapedKey(text) ? parseEscapedKeys(text) : (JSON.parse(text) as Json));

/** The value of a JSON text that is known to hold escaped keys; see `parseJson`. */
export function parseEscapedKeys(text: string): Json {
  JSON.parse(text); // Is it JSON at all? The reader below does not ask.
  return new Reader(text).readValue();
}

// A key stands behind `{` or `,`. The end of a string that ends with one of them looks like the start of a key too: such a
// text is read the slow way without need, never the quick way by mistake.
const escapedKey = /[{,]\s*"[^"\\]*(?:\\[^][^"\\]*)+"\s*:/;

const holdsEscapedKey = (text: string): boolean => text.includes('\\') && escapedKey.test(text);

/** Reads text that `JSON.parse` has accepted, so nothing is checked again. */
class Reader {
  private readonly text: string;
  private place = 0;

  constructor(text: string) {
    this.text = text;
  }

  readValue(): Json {
    switch (this.peek()) {
      case '{':
        return this.readObject();
      case '[':
        return this.readArray();
      case '"':
        return this.readString();
      default:
        return this.readWord();
    }
  }

  private readObject(): Json {
    const object: { [key: string]: Json } = {};
    this.place++;
    while (this.peek() !== '}') {
      if (this.peek() === ',') this.place++;
      this.peek();
      const key = this.readString();
      this.peek();
      this.place++;
      // As JSON.parse does it: a key called __proto__ is a key, and changes no prototype.
      Object.defineProperty(object, key, { value: this.readValue(), writable: true, enumerable: true, configurable: true });
    }
    this.place++;
    return object;
  }

  private readArray(): Json {
    const array: Json[] = [];
    this.place++;
    while (this.peek() !== ']') {
      if (this.peek() === ',') this.place++;
      array.push(this.readValue());
    }
    this.place++;
    return array;
  }

  private readString(): string {
    const from = this.place;
    let end = from + 1;
    for (; this.text[end] !== '"'; end++) if (this.text[end] === '\\') end++;
    this.place = end + 1;
    return JSON.parse(this.text.slice(from, this.place)) as string;
  }

  private readWord(): Json {
    const from = this.place;
    while (this.place < this.text.length && !',]} \n\r\t'.includes(this.text.charAt(this.place))) this.place++;
    return JSON.parse(this.text.slice(from, this.place)) as Json;
  }

  /** The next character that is no space. */
  private peek(): string {
    while (' \n\r\t'.includes(this.text.charAt(this.place))) this.place++;
    return this.text.charAt(this.place);
  }
}
