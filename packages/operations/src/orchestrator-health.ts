/** Health of the whole orchestration (document 004): does the log take events, what runs, what fires; asked once, or followed. */
import { LogError } from '@refold/core';
import type { Instant, Log, State } from '@refold/core';
import { z } from 'zod';
import { defineOperation, defineStreamOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { lastVerification } from './last-verification.ts';
import { openStreams } from './open-streams.ts';
import { actor, count, entityRef, instant } from './shapes.ts';
import { standingIn } from './standing.ts';
import { causesIn, causesOfIllness, ping } from './wellness.ts';
import type { Ping } from './wellness.ts';

const firingAlert = z
  .object({ id: z.string(), name: z.string(), severity: z.string(), status: z.string(), summary: z.string().nullable(), about: entityRef.nullable(), raisedAt: instant, resolvedAt: instant.nullable(), acknowledgedBy: actor.nullable() })
  .meta({ id: 'FiringAlert' });

const orchestratorStatus = z
  .object({
    state: z.enum(['HEALTHY', 'DEGRADED', 'UNHEALTHY']).meta({ description: 'UNHEALTHY: what the log says cannot be trusted. DEGRADED: something below is not as it should be.' }),
    causes: z.array(z.enum([...causesOfIllness, 'alert'])).meta({ description: 'Why it is not HEALTHY.' }),
    timestamp: instant,
    version: z.string(),
    uptimeSeconds: z.number(),
    storeDriver: z.string(),
    storeReachable: z.boolean(),
    eventsTotal: count,
    eventsPerMinute: count.meta({ description: 'Recorded in the last minute, by whichever process.' }),
    publishP95Ms: z.number().meta({ description: 'Of the newest appends of this process; 0 before the first.' }),
    publishFailures: count.meta({ description: 'Appends of this process that the log could not take. What it refused is not among them.' }),
    spooledEvents: count.meta({ description: 'Waiting outside of the log in this process.' }),
    runningJobs: count,
    pausedJobs: count,
    activeSubscriptions: count.meta({ description: 'Streams of answers that are open in this process.' }),
    projectionLag: count.meta({ description: 'Events that the slowest consumer has still to pass.' }),
    firingAlerts: z.array(firingAlert),
    instances: count.meta({ description: 'Processes that this answer speaks for.' }),
    integrity: z.object({ treeHead: z.null(), lastVerifiedAt: instant.nullable(), verified: z.boolean().nullable() }).meta({ description: 'The last verification of this process; null before the first.' }),
  })
  .meta({ id: 'OrchestratorStatus' });

export type OrchestratorStatus = z.infer<typeof orchestratorStatus>;

const doc = 'Does the log take events, what runs and stands still, what fires, what keeps it from being well.';

export const orchestratorHealth = defineOperation({
  name: 'orchestratorHealth',
  doc,
  scope: 'read',
  input: z.object({}),
  output: orchestratorStatus,
  http: { method: 'GET', path: '/orchestrator/health' },
  run: (context) => statusOf(context),
});

export const followOrchestratorHealth = defineStreamOperation({
  name: 'followOrchestratorHealth',
  doc: 'The same at once, whenever it changes, and every few seconds in any case; also while the log does not answer.',
  scope: 'read',
  input: z.object({}),
  output: orchestratorStatus,
  http: { method: 'GET', path: '/orchestrator/health/stream' },
  async *run(context): AsyncGenerator<OrchestratorStatus> {
    const { clock } = context.log.ports;
    const { healthCheckMs, healthHeartbeatMs } = context.log.limits;
    let [told, toldAtMs] = ['', 0];
    while (context.signal?.aborted !== true) {
      const status = await statusOf(context);
      const significant = significantPart(status);
      if (significant !== told || clock.now() - toldAtMs >= healthHeartbeatMs) {
        [told, toldAtMs] = [significant, clock.now()];
        yield status;
      }
      await clock.sleep(healthCheckMs, context.signal);
    }
  },
});

/** What is news; the counts that move with every event come with the next heartbeat. */
const significantPart = ({ state, causes, runningJobs, pausedJobs, firingAlerts, publishFailures, activeSubscriptions, integrity }: OrchestratorStatus): string =>
  JSON.stringify([state, causes, runningJobs, pausedJobs, firingAlerts, publishFailures, activeSubscriptions, integrity]);

/** Figures that only the log can give. */
type Figures = Pick<OrchestratorStatus, 'eventsTotal' | 'eventsPerMinute' | 'runningJobs' | 'pausedJobs' | 'projectionLag' | 'firingAlerts'>;

const none: Figures = { eventsTotal: 0, eventsPerMinute: 0, runningJobs: 0, pausedJobs: 0, projectionLag: 0, firingAlerts: [] };
/** What was last read, for the time in which the log does not answer. */
const lastRead = new WeakMap<Log, Figures>();

async function statusOf(context: OperationContext): Promise<OrchestratorStatus> {
  const { log, installation } = context;
  const pinged = await look(context);
  const figures = lastRead.get(log) ?? none;
  const causes = [...causesIn(log, pinged), ...(figures.firingAlerts.some(({ severity }) => severity === 'critical') ? (['alert'] as const) : [])];
  const { p95Ms, failures } = log.appendReport();
  const verification = lastVerification(log);
  const now = log.ports.clock.now();
  return {
    state: causes.includes('integrity') || damaged.has(pinged.detail ?? '') ? 'UNHEALTHY' : causes.length > 0 ? 'DEGRADED' : 'HEALTHY',
    causes,
    timestamp: new Date(now).toISOString(),
    version: installation.version,
    uptimeSeconds: Math.max(0, now - Date.parse(installation.startedAt)) / 1_000,
    storeDriver: String(installation.engine['driver'] ?? installation.store.slice(0, installation.store.indexOf(':'))),
    storeReachable: pinged.head !== null,
    ...figures,
    publishP95Ms: p95Ms ?? 0,
    publishFailures: failures,
    // A process that has the log open waits for it; what is spooled is spooled by clients, who count it themselves.
    spooledEvents: 0,
    activeSubscriptions: openStreams(log),
    instances: 1,
    integrity: { treeHead: null, lastVerifiedAt: verification?.at ?? null, verified: verification?.ok ?? null },
  };
}

/** Reads the figures anew, and says how the log answers. */
async function look(context: OperationContext): Promise<Ping> {
  const pinged = await ping(context);
  if (pinged.head === null) return pinged;
  try {
    lastRead.set(context.log, { ...(await figuresOf(context, pinged.head.position)), projectionLag: pinged.lag });
    return pinged;
  } catch (error) {
    if (!(error instanceof LogError) || context.signal?.aborted === true) throw error;
    return { ...pinged, head: null, detail: error.code };
  }
}

const damaged: ReadonlySet<string> = new Set(['LOG_CORRUPT', 'LOG_ROLLED_BACK', 'INTEGRITY_VIOLATION']);

async function figuresOf(context: OperationContext, head: number): Promise<Omit<Figures, 'projectionLag'>> {
  const { log } = context;
  const aMinuteAgo = new Date(log.ports.clock.now() - 60_000).toISOString();
  const [jobs, alerts] = [await standingIn(context, 'job', ['running', 'paused']), await standingIn(context, 'alert', ['firing'])];
  return {
    eventsTotal: head,
    eventsPerMinute: head - (await positionAt(context, aMinuteAgo)),
    runningJobs: countOf(jobs, 'running'),
    pausedJobs: countOf(jobs, 'paused'),
    firingAlerts: [...alerts.values()].slice(-firingAlertsShown).map(shownAlert),
  };
}

const firingAlertsShown = 100;

const countOf = (states: ReadonlyMap<string, State>, status: string): number => [...states.values()].filter((state) => state['status'] === status).length;

async function positionAt({ log, signal }: OperationContext, upToTime: Instant): Promise<number> {
  for await (const page of log.driver.read({ upToTime, direction: 'backward', limit: 1, bodies: false }, signal)) return page.events[0]?.position ?? 0;
  return 0;
}

/** A stream of this type is folded by the aggregate `alert`, which has these fields. */
function shownAlert(state: State): OrchestratorStatus['firingAlerts'][number] {
  const { name, severity, status, summary, about, raisedAt, resolvedAt, acknowledgedBy } = state as unknown as Omit<OrchestratorStatus['firingAlerts'][number], 'id'>;
  return { id: state.streamId, name, severity, status, summary, about, raisedAt, resolvedAt, acknowledgedBy };
}
