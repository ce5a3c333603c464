/** A span around every request that a route answers, also of routes that are added later; without a tracer nothing is wrapped. */
import type { Tracer } from '@refold/core';
import { traced } from '@refold/core';
import type { FastifyInstance } from 'fastify';
import type { RequestFacts } from './request-facts.ts';

export function traceRequests(app: FastifyInstance, tracer: Tracer | undefined, facts: RequestFacts): void {
  if (tracer === undefined) return;
  app.addHook('onRoute', (route) => {
    const { handler, url } = route;
    route.handler = async function tracedHandler(request, reply) {
      const attributes = { 'http.request.method': request.method, 'http.route': url, 'refold.request.id': request.id };
      return await traced(tracer, `${request.method} ${url}`, { kind: 'server', parent: facts.traceOf(request.raw), attributes }, async (span) => {
        if (span.trace !== null) facts.answeredIn(request.raw, span.trace);
        const answer: unknown = await handler.call(this, request, reply);
        span.set(() => ({ 'http.response.status_code': reply.statusCode }));
        return answer;
      });
    };
  });
}
