/** A place in a JSON document as RFC 6901 spells it: `/events/0/data`; the empty text is the whole document. */
export function pointerOf(path: readonly (string | number)[]): string {
  let pointer = '';
  for (const segment of path) pointer += `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return pointer;
}
