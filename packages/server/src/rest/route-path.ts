/** Paths as operations write them (`/streams/{streamType}/{streamId}`), as the router and as OpenAPI need them. */

export interface RoutePath {
  /** From the root, with parameters in braces. */
  readonly template: string;
  /** Names of the parameters, in order. */
  readonly parameters: readonly string[];
  /** Inputs that this path fixes: an alias for one kind of stream says which. */
  readonly fixed: { readonly [name: string]: string };
}

/** `/a/{b}?c=d`: what stands behind the mark is fixed by the path. */
export function parseRoutePath(written: string): RoutePath {
  const mark = written.indexOf('?');
  const template = mark === -1 ? written : written.slice(0, mark);
  return {
    template,
    parameters: [...template.matchAll(parameter)].map(([, name]) => name!),
    fixed: mark === -1 ? {} : Object.fromEntries(new URLSearchParams(written.slice(mark + 1))),
  };
}

const parameter = /\{(\w+)\}/g;

/** The router's spelling. */
export const routerPath = ({ template }: RoutePath): string => template.replaceAll(parameter, ':$1');

/** The address of one resource: parameters filled in, encoded. */
export const fillPath = ({ template }: RoutePath, values: { readonly [name: string]: unknown }): string =>
  template.replaceAll(parameter, (_, name: string) => encodeURIComponent(textOf(values[name])));

/** Parameters of a path are texts; a number in one is its digits. */
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
