/**
 * The query of an address as plain text: `?type=job.failed&type=gap.identified&at=48213`. A value is always a text, and one that
 * is given several times a list, so that an address written by hand, by the command or by a link elsewhere means the same.
 */
export interface SearchParameters {
  readonly [name: string]: string | readonly string[] | undefined;
}

export function parseSearch(text: string): SearchParameters {
  const found: { [name: string]: string | readonly string[] } = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = Object.hasOwn(found, name) ? found[name] : undefined;
    Object.defineProperty(found, name, { value: before === undefined ? value : [...[before].flat(), value], enumerable: true, writable: true, configurable: true });
  }
  return found;
}

/** With `?` in front; nothing when there is nothing to say. What is empty or undefined is left out. */
export function formatSearch(parameters: SearchParameters): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [value ?? []].flat().filter((one) => one !== '').map((one) => `${encode(name)}=${encode(String(one))}`));
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** The first value; null when there is none. */
export const oneOf = (parameters: SearchParameters, name: string): string | null => [parameters[name] ?? []].flat()[0] ?? null;
export const allOf = (parameters: SearchParameters, name: string): readonly string[] => [parameters[name] ?? []].flat();

/** Readable: what a query may hold as it is stays as it is (RFC 3986, 3.4). */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed()).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@').replaceAll('%2C', ',').replaceAll('%20', '+');
