/** Who is asking, and what he may: so that a page offers nothing that would be refused. */
import { z } from 'zod';
import { grantedScopes, roleNames, roles } from './access.ts';
import type { Role } from './access.ts';
import { defineOperation } from './define.ts';
import { actor } from './shapes.ts';

export const whoAmI = defineOperation({
  name: 'whoAmI',
  doc: 'Who the caller is for this log, and which scopes he has; without sign-in everybody has all of them.',
  scope: 'none',
  input: z.object({}),
  output: z.object({
    actor: actor.nullable().meta({ description: 'null: nobody has signed in, or nobody has to.' }),
    role: z.enum(roleNames as [Role, ...Role[]]).nullable().meta({ description: 'The role that has exactly these scopes; null when none has.' }),
    scopes: z.array(z.enum(grantedScopes)),
    streamPrefix: z.string().nullable().meta({ description: 'How the addresses begin of the streams that he is held to.' }),
  }),
  http: { method: 'GET', path: '/me' },
  run: async ({ principal, access }) => {
    const scopes = access === undefined ? [...grantedScopes] : grantedScopes.filter((scope) => access.scopes.has(scope));
    const role = roleNames.find((name) => roles[name].length === scopes.length && roles[name].every((scope) => scopes.includes(scope))) ?? null;
    return { actor: principal === undefined ? null : { type: principal.type, id: principal.id }, role, scopes, streamPrefix: access?.streamPrefix ?? null };
  },
});
