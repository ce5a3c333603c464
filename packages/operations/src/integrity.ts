/** Is the log what it says? Leaves, chains and order of everything recorded; and the state against the log. */
import { hexOf, isLogError, reconstruct, stateDivergence, streamNotFound, verifyRecords, verifyStream } from '@refold/core';
import type { Recorded } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { flag } from './inputs.ts';
import { noteVerification } from './last-verification.ts';
import { streamsOf } from './places.ts';
import { count, position, revision } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const finding = z.object({ code: z.string(), position: position.nullable(), revision: revision.nullable(), stream: z.string().nullable(), eventId: z.string().nullable(), detail: z.string() }).meta({ id: 'Finding' });

export const verifyLog = defineOperation({
  name: 'verifyLog',
  doc: 'Recomputes body bytes, leaves, chains, revisions, positions and times of a stream or of the whole log; says what it could not check.',
  scope: 'read',
  kind: 'long',
  input: z.object({ stream: z.string().optional(), state: flag.optional().meta({ description: 'true also folds with and without snapshots and compares.' }) }),
  output: z.object({
    ok: z.boolean(),
    checked: count,
    streams: count,
    findings: z.array(finding),
    findingsTotal: count,
    firstBadPosition: position.nullable(),
    tree: z.object({ size: count, root: z.string() }).nullable().meta({ description: 'Size and RFC 6962 root of the whole log, in hex; keep it elsewhere to prove later that nothing was rewritten.' }),
    notChecked: z.array(z.object({ kind: z.string(), count })),
    statesCompared: count,
  }),
  http: { method: 'GET', path: '/integrity/verify' },
  run: async (context, { stream, state }) => {
    const { log } = context;
    if (stream !== undefined && (await log.stream(stream)) === null) throw streamNotFound(stream);
    const options = { origin: log.identity.origin, hasher: log.ports.hasher };
    const report = stream === undefined ? await verifyRecords(records(context, {}), options) : await verifyStream(records(context, { stream }), options);
    const compared = state === true ? await compareStates(context, stream) : { compared: 0, unreadable: 0, findings: [] };
    const ok = report.ok && compared.findings.length === 0 && compared.unreadable === 0;
    if (stream === undefined || !ok) noteVerification(log, { at: new Date(log.ports.clock.now()).toISOString(), ok, position: report.tree?.size ?? 0 });
    log.ports.meter?.add('integrity_checks_total', { result: ok ? 'ok' : 'failed' });
    return {
      ...report,
      ok,
      findings: [...report.findings, ...compared.findings],
      findingsTotal: report.findingsTotal + compared.findings.length,
      tree: report.tree === null ? null : { size: report.tree.size, root: hexOf(report.tree.root) },
      notChecked: [...report.notChecked, ...(compared.unreadable === 0 ? [] : [{ kind: 'unreadable_state', count: compared.unreadable }])],
      statesCompared: compared.compared,
    };
  },
});

/** What is stored, undecoded: what proofs are made over. */
export async function* records({ log, signal }: OperationContext, request: { readonly stream?: string }): AsyncGenerator<readonly Recorded[]> {
  for await (const page of log.driver.read(request, signal)) if (page.events.length > 0) yield page.events;
}

/** A state with snapshots must be the state without them. What cannot be read is among the findings already, and no reason to compare nothing. */
async function compareStates(context: OperationContext, only: string | undefined): Promise<{ compared: number; unreadable: number; findings: z.infer<typeof finding>[] }> {
  const { log } = context;
  const findings: z.infer<typeof finding>[] = [];
  let compared = 0;
  let unreadable = 0;
  for await (const { stream } of only === undefined ? streamsOf(log) : [{ stream: only }]) {
    const address = { streamType: stream.slice(0, stream.indexOf('/')), streamId: stream.slice(stream.indexOf('/') + 1) };
    try {
      const { state, revision: at, fromSnapshot } = await reconstruct(travelParts(context), address, { kind: 'end' });
      const { first } = await stateDivergence(travelParts(context), address, { kind: 'revision', revision: at }, state);
      compared++;
      if (first !== null) findings.push({ code: 'STATE_DIFFERS', position: null, revision: first.atRevision ?? at, stream, eventId: first.eventId, detail: `the state from the snapshot at ${fromSnapshot ?? 0} differs from the fold of all events at ${first.path}` });
    } catch (error) {
      if (!isLogError(error, 'INTEGRITY_VIOLATION')) throw error;
      unreadable++;
    }
  }
  return { compared, unreadable, findings };
}

