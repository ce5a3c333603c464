/** API keys: made, listed, revoked, rotated. A key is shown once, by what makes it. */
import { LogError } from '@refold/core';
import type { Actor, ActorType } from '@refold/core';
import { z } from 'zod';
import { grantedScopes, roleNames, roles } from './access.ts';
import type { GrantedScope, Role } from './access.ts';
import { hashOfKeyText, newKeyText } from './api-key.ts';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { wholeNumber } from './inputs.ts';
import { apiKeys, changeApiKey, findApiKey, isUsable, storeApiKey } from './key-store.ts';
import type { ApiKey, StoredApiKey } from './key-store.ts';
import { actor, instant } from './shapes.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const daysDefault = 90;
const daysMax = 365;
const overlapHoursDefault = 24;
const overlapHoursMax = 30 * 24;

const scope = z.enum(grantedScopes);
const role = z.enum(roleNames as [Role, ...Role[]]);

const apiKey = z
  .object({ id: z.string(), name: z.string(), actor, role, scopes: z.array(scope), streamPrefix: z.string().nullable(), createdAt: instant, expiresAt: instant, revokedAt: instant.nullable(), lastUsedAt: instant.nullable(), replacedBy: z.string().nullable() })
  .meta({ id: 'ApiKey' });
const newApiKey = z.object({ key: z.string().meta({ description: 'The key itself; it is shown now and never again.' }), info: apiKey }).meta({ id: 'NewApiKey' });

export const createApiKey = defineOperation({
  name: 'createApiKey',
  doc: 'Makes an API key for an actor, with the scopes of a role or fewer; the key itself is shown once.',
  scope: 'keys',
  kind: 'write',
  input: z.object({
    name: z.string().min(1).max(100),
    actor,
    role,
    scopes: z.array(scope).min(1).optional().meta({ description: 'Fewer scopes than the role has.' }),
    streamPrefix: z.string().min(1).max(512).optional().meta({ description: 'How the addresses of its streams begin, for example session/7f3a; an agent needs it.' }),
    days: wholeNumber.optional().meta({ description: `Until it expires: 1 to ${daysMax}; default ${daysDefault}.` }),
  }),
  output: newApiKey,
  http: { method: 'POST', path: '/keys', status: 201 },
  run: async (context, { name, actor: given, role: held, scopes: wanted, streamPrefix, days = daysDefault }) => {
    // The schema has checked the type.
    const who: Actor = { type: given.type as ActorType, id: given.id };
    if (days < 1 || days > daysMax) throw outOfRange('days', `A key lasts from 1 to ${daysMax} days.`, daysMax);
    if (streamPrefix !== undefined && !/^[^/]+\//.test(streamPrefix)) throw new LogError('BAD_REQUEST', 'A stream prefix begins with a type and a slash.', { details: { reason: 'stream_prefix', pointer: '/streamPrefix' }, hint: 'For example session/ or session/7f3a.' });
    if (held === 'agent' && streamPrefix === undefined) throw new LogError('BAD_REQUEST', 'An agent is held to its own streams, and they are not named.', { details: { reason: 'stream_prefix', pointer: '/streamPrefix' }, hint: 'Give streamPrefix, for example session/7f3a.' });
    const of: readonly GrantedScope[] = roles[held];
    const beyond = wanted?.find((one) => !of.includes(one));
    if (beyond !== undefined) throw new LogError('BAD_REQUEST', `The role ${held} has no scope "${beyond}".`, { details: { reason: 'scopes', pointer: '/scopes' }, hint: `It has ${of.join(', ')}.` });
    return await issue(context, { name, actor: who, role: held, scopes: wanted ?? of, streamPrefix: streamPrefix ?? null }, days * dayMs);
  },
});

export const listApiKeys = defineOperation({
  name: 'listApiKeys',
  doc: 'Lists API keys: whose they are, what they may, until when, when last used. Never the keys themselves.',
  scope: 'keys',
  input: z.object({}),
  output: z.object({ items: z.array(apiKey) }),
  http: { method: 'GET', path: '/keys' },
  run: async ({ log }) => ({ items: (await apiKeys(log)).map(shown).toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)) }),
});

export const revokeApiKey = defineOperation({
  name: 'revokeApiKey',
  doc: 'Ends an API key at once; again changes nothing.',
  scope: 'keys',
  kind: 'write',
  input: z.object({ keyId: z.string().min(1) }),
  output: apiKey,
  http: { method: 'DELETE', path: '/keys/{keyId}' },
  run: async ({ log }, { keyId }) => shown(await changeApiKey(log, keyId, (key) => ({ ...key, revokedAt: key.revokedAt ?? instantOf(log.ports.clock.now()) }))),
});

export const rotateApiKey = defineOperation({
  name: 'rotateApiKey',
  doc: 'Makes a new API key in place of an old one, which goes on for a while so that its holders can change over.',
  scope: 'keys',
  kind: 'write',
  input: z.object({ keyId: z.string().min(1), overlapHours: wholeNumber.optional().meta({ description: `How long the old key goes on: 0 to ${overlapHoursMax}; default ${overlapHoursDefault}.` }) }),
  output: newApiKey,
  http: { method: 'POST', path: '/keys/{keyId}/rotate', status: 201 },
  run: async (context, { keyId, overlapHours = overlapHoursDefault }) => {
    if (overlapHours > overlapHoursMax) throw outOfRange('overlapHours', `Two keys overlap for ${overlapHoursMax} hours at most.`, overlapHoursMax);
    const { log } = context;
    const now = log.ports.clock.now();
    const old = await findApiKey(log, keyId);
    if (old === null || !isUsable(old, now)) throw new LogError('NOT_FOUND', `There is no key ${keyId} that is in use.`, { details: { reason: 'key', id: keyId }, hint: 'List the keys; make a new one with createApiKey.' });
    const made = await issue(context, old, Date.parse(old.expiresAt) - Date.parse(old.createdAt));
    await changeApiKey(log, keyId, (key) => ({ ...key, replacedBy: made.info.id, expiresAt: instantOf(Math.min(Date.parse(key.expiresAt), now + overlapHours * hourMs)) }));
    return made;
  },
});

type Grant = Pick<ApiKey, 'name' | 'actor' | 'role' | 'scopes' | 'streamPrefix'>;

/** Nobody hands out more than he has. */
async function issue({ log, access }: OperationContext, { name, actor: who, role: held, scopes, streamPrefix }: Grant, lifeMs: number): Promise<{ key: string; info: ApiKey }> {
  const more = access === undefined ? undefined : scopes.find((one) => !access.scopes.has(one));
  if (more !== undefined) throw new LogError('FORBIDDEN', `You have no scope "${more}" to give.`, { details: { reason: 'scope', scope: more }, hint: 'Ask for fewer scopes.' });
  const { hasher, randomness, clock } = log.ports;
  const { id, text } = newKeyText({ hasher, randomness });
  const now = clock.now();
  const key: StoredApiKey = { id, name, actor: who, role: held, scopes, streamPrefix, createdAt: instantOf(now), expiresAt: instantOf(now + lifeMs), revokedAt: null, lastUsedAt: null, replacedBy: null, hash: hashOfKeyText(text, hasher) };
  await storeApiKey(log, key);
  return { key: text, info: shown(key) };
}

const shown = ({ hash: _hash, ...key }: StoredApiKey): ApiKey => key;
const instantOf = (ms: number): string => new Date(ms).toISOString();

const outOfRange = (name: string, message: string, limit: number): LogError => new LogError('BAD_REQUEST', message, { details: { reason: name, pointer: `/${name}`, limit }, hint: 'Choose a value in that range.' });
