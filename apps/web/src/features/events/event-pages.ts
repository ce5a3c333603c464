/** The events that the filters ask for, page by page, as far as somebody has scrolled. */
import type { EventEnvelope, InputOf, LogError, OutputOf } from '@refold/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { refold } from '../../refold.ts';

type Page = OutputOf<'queryEvents'>;
export type EventPages = UseInfiniteQueryResult<InfiniteData<Page>, LogError>;

export const pageEvents = 200;

export const useEventPages = (filter: InputOf<'queryEvents'>, order: 'asc' | 'desc'): EventPages =>
  useInfiniteQuery<Page, LogError, InfiniteData<Page>, readonly unknown[], string | null>({
    queryKey: ['queryEvents', filter, order],
    initialPageParam: null,
    queryFn: ({ pageParam, signal }) => refold.queryEvents({ ...filter, order, limit: pageEvents, ...(pageParam === null ? {} : { cursor: pageParam }) }, { signal }),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    // It grows at one end only: what is on the page is asked for again when somebody wants what is new.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });

export const eventsIn = (pages: InfiniteData<Page> | undefined): readonly EventEnvelope[] => pages?.pages.flatMap(({ items }) => items) ?? [];
