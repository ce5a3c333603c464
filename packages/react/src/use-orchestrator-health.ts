/** How the orchestration is: document 004's `orchestratorHealth`, as a hook. */
import type { Source } from './feeds.ts';
import { notYet, watchOf } from './live.ts';
import type { Live } from './live.ts';
import { useSource } from './refold-provider.ts';
import type { OrchestratorStatus } from './transport.ts';

export interface OrchestratorHealth extends Live {
  /** The newest that was told; null before the first. While `connected` is false it may be out of date. */
  readonly health: OrchestratorStatus | null;
}

export const useOrchestratorHealth = (): OrchestratorHealth => useSource(healthSource);

const healthSource: Source<OrchestratorHealth> = {
  key: 'orchestrator health',
  initial: { ...notYet, health: null },
  async run(transport, feed) {
    for await (const health of transport.orchestratorHealth(watchOf(feed))) feed.change((before) => ({ ...before, health }));
  },
};
