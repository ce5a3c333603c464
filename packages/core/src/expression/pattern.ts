/**
 * Regular expressions in linear time. JavaScript's own matcher takes seconds for `^(a+)+$` on 28 characters; RE2 walks the
 * text once, whatever the pattern. It refuses look-around and back references, which have no linear answer.
 */
import { RE2JS } from 're2js';

const patternsCachedMax = 64;
const cache = new Map<string, RE2JS>();

/**
 * True when `pattern` is found anywhere in `text` (CEL `matches`: not anchored).
 *
 * @throws Error of the pattern compiler when the pattern is not RE2 syntax.
 */
export const findPattern = (text: string, pattern: string): boolean => compilePattern(pattern).matcher(text).find();

export function compilePattern(pattern: string): RE2JS {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const compiled = RE2JS.compile(pattern);
  const [oldest] = cache.keys();
  if (cache.size >= patternsCachedMax && oldest !== undefined) cache.delete(oldest);
  cache.set(pattern, compiled);
  return compiled;
}
