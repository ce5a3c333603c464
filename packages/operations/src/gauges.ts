/** Figures that stand as they are when somebody looks, for whoever shows them. Source: the unified model, section 3.7. */
import type { MetricName } from '@refold/core';
import { openDebugSessions } from './debug-sessions.ts';
import type { OperationContext } from './define.ts';
import { lastVerification } from './last-verification.ts';
import { openStreams } from './open-streams.ts';
import { standingIn } from './standing.ts';
import { lagOfConsumers } from './wellness.ts';

export interface GaugeReading {
  readonly name: MetricName;
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

/** @throws LogError when the log does not answer. */
export async function readGauges(context: Pick<OperationContext, 'log' | 'search' | 'installation'>): Promise<readonly GaugeReading[]> {
  const { log, installation } = context;
  const { position: head } = await log.head();
  const alerts = [...(await standingIn(context, 'alert', ['firing'])).values()];
  const verified = lastVerification(log)?.position;
  const storeBytes = await installation.storeBytes?.();
  const plain = (name: MetricName, value: number | undefined): readonly GaugeReading[] => (value === undefined ? [] : [{ name, labels: {}, value }]);
  return [
    ...plain('store_events', head),
    ...plain('store_size_bytes', storeBytes),
    ...plain('subscriptions_active', openStreams(log)),
    ...plain('last_verified_position', verified),
    ...plain('debug_sessions_active', openDebugSessions(log)),
    ...plain('jobs_running', [...(await standingIn(context, 'job', ['running', 'paused'])).values()].filter((job) => job['status'] === 'running').length),
    ...['info', 'warning', 'critical'].map((severity) => ({ name: 'alerts_firing' as const, labels: { severity }, value: alerts.filter((alert) => alert['severity'] === severity).length })),
    ...[...(await lagOfConsumers(log, head))].map(([projection, value]) => ({ name: 'projection_lag_events' as const, labels: { projection }, value })),
  ];
}
