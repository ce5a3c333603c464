/** Reading the audit log, and proving it: for auditors and administrators. To read it is on record, too. */
import { LogError } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from '../define.ts';
import type { OperationContext } from '../define.ts';
import { listEvents } from '../events.ts';
import { filterInput, pageInput } from '../inputs.ts';
import { verifyLog } from '../integrity.ts';
import { event, pageOf } from '../shapes.ts';
import { auditOf } from './audit-trail.ts';

/** @throws LogError NOT_FOUND `audit`. */
async function inAudit(context: OperationContext): Promise<OperationContext> {
  const trail = auditOf(context.log);
  if (trail === null) throw new LogError('NOT_FOUND', 'No audit log is kept beside this log.', { details: { reason: 'audit' }, hint: 'A store that refold opens has one.' });
  return { ...context, ...(await trail.opened()) };
}

export const queryAudit = defineOperation({
  name: 'queryAudit',
  doc: 'Lists what the audit log holds: who came in, who was denied, which watched rights were used.',
  scope: 'audit',
  input: filterInput.extend(pageInput),
  output: pageOf(event),
  http: { method: 'GET', path: '/audit/events' },
  run: async (context, input) => await listEvents(await inAudit(context), input),
});

export const verifyAudit = defineOperation({
  name: 'verifyAudit',
  doc: 'Recomputes bytes, leaves, chains and order of the whole audit log.',
  scope: 'audit',
  kind: 'long',
  input: z.object({}),
  output: verifyLog.output,
  http: { method: 'GET', path: '/audit/verify' },
  run: async (context) => await verifyLog.run(await inAudit(context), {}),
});
