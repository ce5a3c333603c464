/** The query of the page's address: read, and changed in place or with a step that Back returns from. */
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { SearchParameters } from './search-parameters.ts';

export interface ChangeOptions {
  /** Default false: Back returns from it. */
  readonly replaces?: boolean;
}

/** @returns the parameters, and how to change some of them; undefined takes one away. */
export function useSearch(): readonly [SearchParameters, (changes: SearchParameters, options?: ChangeOptions) => void] {
  const search = useRouterState({ select: ({ location }) => location.search as SearchParameters });
  const navigate = useNavigate();
  const change = useCallback(
    (changes: SearchParameters, { replaces = false }: ChangeOptions = {}) =>
      void navigate({ to: '.', search: (before: SearchParameters) => withoutEmpty({ ...before, ...changes }), replace: replaces }),
    [navigate],
  );
  return [search, change];
}

export const withoutEmpty = (parameters: SearchParameters): SearchParameters =>
  Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '' && value.length > 0));
