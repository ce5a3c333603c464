/** A server that asks who is calling, and credentials of every kind for it. */
import { createApiKey, roles, runOperation } from '@refold/operations';
import type { GrantedScope } from '@refold/operations';
import { createJwtVerifier } from '../src/auth/jwt.ts';
import type { JwtOptions } from '../src/auth/jwt.ts';
import { createSignIn } from '../src/auth/sign-in.ts';
import type { SignIn } from '../src/auth/sign-in.ts';
import { startWorld } from './server-world.ts';
import type { Answer, World, WorldOptions } from './server-world.ts';

export const localToken = 'the-token-of-this-machine-0123456789-abcdefg';
export const events = '/api/v1/events';
export const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', data: {} };
export const ana = { type: 'user', id: 'ana' };

export interface GuardedWorld extends World {
  readonly signIn: SignIn;
}

export async function startGuarded(options: WorldOptions & { readonly isBehindProxy?: boolean; readonly jwt?: JwtOptions } = {}): Promise<GuardedWorld> {
  const { isBehindProxy = false, jwt, ...rest } = options;
  let signIn!: SignIn;
  // The verifier asks the clock of the log, which comes later.
  let now = (): number => 0;
  const verifier = jwt === undefined ? undefined : await createJwtVerifier(jwt, { now: () => now() });
  const world = await startWorld({
    ...rest,
    signIn: (log) => {
      now = log.ports.clock.now;
      return (signIn = createSignIn({ log, localToken, isBehindProxy, ...(verifier === undefined ? {} : { jwt: verifier }) }));
    },
  });
  return { ...world, signIn };
}

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
export const own = bearer(localToken);

interface KeyWish {
  readonly scopes?: readonly GrantedScope[];
  readonly role?: keyof typeof roles;
  readonly streamPrefix?: string;
  readonly actor?: { readonly type: string; readonly id: string };
  readonly days?: number;
}

export const newKey = async ({ log }: World, { role = 'admin', actor = ana, ...wish }: KeyWish = {}): Promise<{ key: string; info: { id: string } }> =>
  await runOperation(createApiKey, { log, search: undefined as never, installation: undefined as never }, { name: 'a key', actor, role, ...wish });

export const get = (world: World, headers: Record<string, string>, path = events): Promise<Answer> => world.call(path, { headers });
export const verdict = ({ status, body }: Answer): unknown[] => [status, body?.code];
export const refused = [401, 'UNAUTHENTICATED'];
