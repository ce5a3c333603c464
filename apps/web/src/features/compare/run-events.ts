/** The events of one run, in pages, up to as many as can be lined up while somebody watches. */
import type { LogError } from '@refold/client';
import type { StreamAddress } from '@refold/core';
import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { refold } from '../../refold.ts';
import { stepsOf } from './step-of.ts';
import type { EventStep } from './step-of.ts';

export const stepsMax = 2_000;

export interface RunSteps {
  readonly steps: readonly EventStep[];
  readonly hasMore: boolean;
}

export const useRunSteps = (address: StreamAddress | null): UseQueryResult<RunSteps, LogError> =>
  useQuery<RunSteps, LogError>({
    queryKey: ['compare steps', address],
    enabled: address !== null,
    queryFn: async ({ signal }) => {
      const stepOf = stepsOf(address!.streamId);
      const steps: EventStep[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof refold.streamEvents>> = await refold.streamEvents({ ...address!, limit: 500, ...(cursor === null ? {} : { cursor }) }, { signal });
        steps.push(...page.items.map(stepOf));
        cursor = page.nextCursor;
      } while (cursor !== null && steps.length < stepsMax);
      return { steps, hasMore: cursor !== null };
    },
  });
