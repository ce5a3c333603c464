/**
 * The way to the server that this page came from: its operations by name, answers kept by TanStack Query. The cookie of the sign-in
 * goes along by itself, and the client adds the header that tells our own pages from foreign forms.
 */
import { LogError, createClient } from '@refold/client';
import type { CallName, InputOf, OutputOf } from '@refold/client';
import { MutationCache, QueryCache, QueryClient, keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import { noteRefusal } from './connection.ts';

export const refold = createClient({ url: location.origin, limits: { retriesMax: 2 }, streams: 'socket' });

export const answers = new QueryClient({
  queryCache: new QueryCache({ onError: noteRefusal }),
  mutationCache: new MutationCache({ onError: noteRefusal }),
  defaultOptions: {
    // The client repeats what may be repeated; what is refused is refused again.
    queries: { retry: false, staleTime: 2_000, gcTime: 5 * 60_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});

export interface AskOptions {
  /** false: not yet. */
  readonly enabled?: boolean;
  /** Ask again after so long; default: only when told to. */
  readonly everyMs?: number;
  /** An answer about what is over never changes. */
  readonly isFinal?: boolean;
  /** The last answer stays while another question of the same kind is under way: for filters and pages of one list, not for other things. */
  readonly keepsLast?: boolean;
}

/** One question, asked once however many components show it. */
export function useAsk<N extends CallName>(name: N, input: InputOf<N>, { enabled = true, everyMs, isFinal = false, keepsLast = false }: AskOptions = {}): UseQueryResult<OutputOf<N>, LogError> {
  return useQuery<OutputOf<N>, LogError>({
    queryKey: [name, input],
    queryFn: async ({ signal }) => await refold.call(name, input, { signal }),
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
    ...(isFinal ? { staleTime: Number.POSITIVE_INFINITY } : {}),
    ...(keepsLast ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Something that changes the log. Afterwards the answers of `changes` are asked again; default: all that are shown. */
export function useTell<N extends CallName>(name: N, { changes }: { readonly changes?: readonly CallName[] } = {}): UseMutationResult<OutputOf<N>, LogError, InputOf<N>> {
  return useMutation<OutputOf<N>, LogError, InputOf<N>>({
    mutationFn: (input) => refold.call(name, input),
    onSuccess: async () => {
      await (changes === undefined ? answers.invalidateQueries() : Promise.all(changes.map((changed) => answers.invalidateQueries({ queryKey: [changed] }))));
    },
  });
}

export const asLogError = (thrown: unknown): LogError => (thrown instanceof LogError ? thrown : new LogError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown }));
