/** Where a scraper reads: for whoever may read the whole log, because figures name its types and how much is written. */
import { authorizeCall, readGauges } from '@refold/operations';
import type { OperationContext } from '@refold/operations';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { followJobDurations } from './job-durations.ts';
import type { Metrics } from './metrics.ts';

export interface MetricsRoute {
  readonly metrics: Metrics;
  readonly path: string;
  readonly contextOf: (request: FastifyRequest) => OperationContext;
  readonly lasting: Pick<OperationContext, 'log' | 'search' | 'installation'>;
}

const asked = { name: 'metrics', scope: 'read' } as const;

export function registerMetrics(app: FastifyInstance, { metrics, path, contextOf, lasting }: MetricsRoute): void {
  const stop = new AbortController();
  app.addHook('onListen', async () => void followJobDurations(lasting, metrics.meter, stop.signal));
  app.addHook('preClose', async () => stop.abort());
  app.get(path, async (request, reply) => {
    const context = contextOf(request);
    authorizeCall(asked, context, undefined, asked);
    // A log that is away takes none of the figures along that this process counted itself.
    const { contentType, text } = await metrics.expose(await readGauges(context).catch(() => []));
    return reply.type(contentType).send(text);
  });
}
