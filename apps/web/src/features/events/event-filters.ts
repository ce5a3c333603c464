/** The filters of the event list: from the address to the question, and in words. Pure. */
import { allOf, oneOf } from '../../search-parameters.ts';
import type { SearchParameters } from '../../search-parameters.ts';

/** Parameters of the address that narrow the list, as UI.md section 2 names them, and what each is called. */
export const filterFields = {
  type: 'type',
  category: 'category',
  streamType: 'kind of stream',
  streamId: 'stream id',
  entity: 'about',
  issueKey: 'issue',
  sessionId: 'session',
  phase: 'phase',
  agent: 'agent',
  actor: 'actor',
  correlationId: 'conversation',
  causationId: 'caused by',
  traceId: 'trace',
  priority: 'priority',
  minSeverity: 'severity at least',
  from: 'from',
  to: 'until',
  text: 'text',
  where: 'expression',
} as const;
export type FilterField = keyof typeof filterFields;

/** Those that may be given several times: any of the values. */
const several: ReadonlySet<FilterField> = new Set(['type', 'category', 'priority']);

/** Where the operation calls a parameter otherwise. */
const askedAs: { readonly [field in FilterField]?: string } = { where: 'expression' };

export interface ActiveFilter {
  readonly field: FilterField;
  readonly value: string;
}

export const activeFilters = (search: SearchParameters): readonly ActiveFilter[] =>
  (Object.keys(filterFields) as FilterField[]).flatMap((field) => (several.has(field) ? allOf(search, field) : [oneOf(search, field) ?? []].flat()).map((value) => ({ field, value })));

export function filterOf(filters: readonly ActiveFilter[]): { readonly [name: string]: string | readonly string[] } {
  const filter: { [name: string]: string | readonly string[] } = {};
  for (const { field, value } of filters) {
    const name = askedAs[field] ?? field;
    filter[name] = several.has(field) ? [...[filter[name] ?? []].flat(), value] : value;
  }
  return filter;
}

/** The parameter without one of its values; undefined takes it away. */
export function without(search: SearchParameters, { field, value }: ActiveFilter): SearchParameters {
  const left = allOf(search, field).filter((one) => one !== value);
  return { [field]: left.length === 0 ? undefined : left };
}

export const withFilter = (search: SearchParameters, { field, value }: ActiveFilter): SearchParameters => ({ [field]: several.has(field) ? [...new Set([...allOf(search, field), value])] : value });

export const inWords = ({ field, value }: ActiveFilter): string => `${filterFields[field]} ${value}`;
