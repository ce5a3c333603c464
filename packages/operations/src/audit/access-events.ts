/** What stands in the audit log: who was let in, who was not, who used which right. Never what was asked or answered. */
import { createRegistry, defineAggregate } from '@refold/core';
import type { FoldEvent, Registry } from '@refold/core';
import { z } from 'zod';

const text = z.string().max(500);
const count = z.number().int().nonnegative();
const shape = (required: z.ZodRawShape, optional: z.ZodRawShape = {}): z.ZodType => z.looseObject({ ...required, ...Object.fromEntries(Object.entries(optional).map(([name, type]) => [name, (type as z.ZodType).optional()])) });
const named = ({ data }: FoldEvent, field: string): string => (typeof data[field] === 'string' ? data[field] : '?');
const shown = ({ actor }: FoldEvent): string => `${actor.type}:${actor.id}`;

interface AccessFields {
  status: string;
  signedIn: number;
  refused: number;
  denied: number;
  used: number;
}

const always = { policy: 'tolerate', effect: 'non-repeatable', priority: 'P0' } as const;

/** One stream per day, `access/2026-11-20`: no address names a person, and none grows for ever. */
const access = defineAggregate<AccessFields>({
  type: 'access',
  version: '1.0.0',
  doc: 'Who came in on a day, and what rights were used.',
  initial: () => ({ status: 'absent', signedIn: 0, refused: 0, denied: 0, used: 0 }),
  events: {
    'access.signed_in': { ...always, doc: 'A credential was taken for the first time in an hour.', schema: shape({ credential: text }), summary: (event) => `${shown(event)} came in`, evolve: (draft) => void (draft.signedIn += 1) },
    'access.sign_in_failed': { ...always, severity: 'WARN', doc: 'A credential was not valid.', schema: shape({ from: text }, { left_out: count }), summary: () => 'A credential was not valid', evolve: (draft) => void (draft.refused += 1) },
    'access.denied': { ...always, severity: 'WARN', doc: 'Somebody who is signed in may not do what he asked for.', schema: shape({ asked: text, reason: text }, { scope: text, left_out: count }), summary: (event) => `${shown(event)} may not: ${named(event, 'asked')}`, evolve: (draft) => void (draft.denied += 1) },
    'access.used': { ...always, doc: 'A right that is watched was used; written before it was.', schema: shape({ operation: text, scope: text, digest: text }), summary: (event) => `${shown(event)} used ${named(event, 'operation')}`, evolve: (draft) => void (draft.used += 1) },
    'access.use_failed': { ...always, severity: 'WARN', doc: 'What a watched right was used for did not come about.', schema: shape({ operation: text, code: text }), summary: (event) => `${named(event, 'operation')} failed: ${named(event, 'code')}` },
  },
});

export const auditRegistry = (): Registry => createRegistry({ aggregates: [access] });
