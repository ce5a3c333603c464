/** Who looks at the page, and what he may do. While nobody has answered nothing is taken away: the server refuses in any case. */
import type { OutputOf } from '@refold/client';
import { useAsk } from './refold.ts';

export type Who = OutputOf<'whoAmI'>;
export type Scope = Who['scopes'][number];

export const useWho = (): Who | null => useAsk('whoAmI', {}, { isFinal: true }).data ?? null;

export const useMay = (scope: Scope): boolean => useWho()?.scopes.includes(scope) ?? true;
