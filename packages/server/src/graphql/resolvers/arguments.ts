/** From the arguments of the schema to the inputs of operations. */
import { isLogError } from '@refold/core';

export type Given = { readonly [name: string]: unknown };

/** Null is not given, as REST leaves out a parameter. */
export const given = (values: Given | null | undefined): Given => Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== null && value !== undefined));

export interface PageInput {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly offset?: number | null;
  readonly order?: 'ASC' | 'DESC' | null;
}

export const pageOf = (page: PageInput | null | undefined): Given => given({ limit: page?.first, cursor: page?.after, offset: page?.offset, order: page?.order?.toLowerCase() });

/** The filter's own names are understood as they are; an entity is an address there. */
export function filterOf(filter: Given | null | undefined): Given {
  const { entityChain, ...rest } = given(filter);
  const entity = entityChain as { readonly type: string; readonly id: string } | undefined;
  return entity === undefined ? rest : { ...rest, entityChain: `${entity.type}/${entity.id}` };
}

/** What the schema says may be null is null where there is nothing. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isLogError(error, 'NOT_FOUND')) return null;
    throw error;
  }
}

export const upper = (value: string | null): string | null => value?.toUpperCase() ?? null;
