/**
 * Tokens of somebody else's sign-in: signed JWTs (RFC 7519), verified as RFC 8725 advises. The algorithms are a short list of
 * asymmetric ones, so neither `none` nor a public key taken for a shared secret can pass; a token never says where its key is.
 */
import { createPublicKey } from 'node:crypto';
import { LogError, isLogError } from '@refold/core';
import type { Actor, Clock } from '@refold/core';
import { roles } from '@refold/operations';
import type { Access, Role } from '@refold/operations';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';

export interface JwtOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer publishes its keys: https, or this machine. One of the two. */
  readonly jwksUrl?: string;
  /** The issuer's one public key, PEM (SPKI). */
  readonly publicKey?: string;
  /** The claim that holds the role; default `role`. */
  readonly roleClaim?: string;
}

export interface JwtCaller {
  readonly principal: Actor;
  readonly access: Access;
  readonly expiresAtMs: number;
}

export interface JwtVerifier {
  /** null: not valid, whatever the reason. */
  verify(token: string): Promise<JwtCaller | null>;
}

const algorithms = ['EdDSA', 'ES256', 'RS256'];
const skewSecondsMax = 60;
/** Unknown key ids make the keys be read again, but not more often than this. */
const refetchCooldownMs = 30_000;
const keysAgeMsMax = 600_000;
const fetchTimeoutMs = 5_000;
const tokenBytesMax = 8_192;

/** @throws LogError BAD_CONFIG `jwt` when issuer, audience or key are not as they must be. */
export async function createJwtVerifier(options: JwtOptions, clock: Pick<Clock, 'now'>): Promise<JwtVerifier> {
  const { issuer, audience, roleClaim = 'role' } = options;
  if (issuer === '' || audience === '') throw badJwt('Sign-in by JWT needs an issuer and an audience.', 'Set auth.jwt.issuer and auth.jwt.audience.');
  // Loaded by those who use it alone.
  const jose = await import('jose');
  const key = keyOf(options, jose);

  return {
    async verify(token) {
      if (token.length > tokenBytesMax) return null;
      try {
        const header = jose.decodeProtectedHeader(token);
        if (['jku', 'jwk', 'x5u', 'x5c'].some((name) => name in header)) return null;
        const { payload } = await jose.jwtVerify(token, key, { algorithms, issuer, audience, clockTolerance: skewSecondsMax, requiredClaims: ['exp', 'sub'], currentDate: new Date(clock.now()) });
        return callerOf(payload, roleClaim);
      } catch (error) {
        if (isLogError(error)) throw error;
        return null;
      }
    },
  };
}

function keyOf({ jwksUrl, publicKey }: JwtOptions, jose: typeof import('jose')): JWTVerifyGetKey {
  if ((jwksUrl === undefined) === (publicKey === undefined)) throw badJwt('Sign-in by JWT needs the address of the keys, or one public key.', 'Set auth.jwt.jwks_url or auth.jwt.public_key.');
  if (publicKey !== undefined) {
    const key = publicKeyOf(publicKey);
    return async () => key;
  }
  const url = URL.canParse(jwksUrl!) ? new URL(jwksUrl!) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname));
  if (url === null || !isSafe) throw badJwt('The address of the keys is no https URL.', 'Keys that come unprotected can be anybody\'s.');
  const keys = jose.createRemoteJWKSet(url, { cooldownDuration: refetchCooldownMs, cacheMaxAge: keysAgeMsMax, timeoutDuration: fetchTimeoutMs });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      // No such key is the token's fault. Keys that cannot be read are weather, and say nothing about the token.
      const isOfToken = error instanceof jose.errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC' && !(error instanceof jose.errors.JWKSTimeout);
      throw isOfToken ? error : keysUnavailable(error);
    }
  };
}

function publicKeyOf(pem: string): ReturnType<typeof createPublicKey> {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw badJwt('auth.jwt.public_key is no public key.', 'Give it as PEM, beginning with -----BEGIN PUBLIC KEY-----.', error);
  }
}

/** An agent that does not say which streams are its own has none, and is not let in. */
function callerOf({ sub, exp, ...claims }: JWTPayload, roleClaim: string): JwtCaller | null {
  const role = claims[roleClaim];
  const streamPrefix = claims['stream_prefix'];
  if (typeof sub !== 'string' || sub === '' || sub.length > 200 || typeof exp !== 'number') return null;
  if (typeof role !== 'string' || !Object.hasOwn(roles, role)) return null;
  const isHeld = typeof streamPrefix === 'string' && /^[^/]+\//.test(streamPrefix);
  if ((streamPrefix !== undefined || role === 'agent') && !isHeld) return null;
  return {
    principal: { type: role === 'agent' ? 'agent' : 'user', id: sub },
    access: { scopes: new Set(roles[role as Role]), ...(isHeld ? { streamPrefix } : {}) },
    expiresAtMs: (exp + skewSecondsMax) * 1_000,
  };
}

const badJwt = (message: string, hint: string, cause?: unknown): LogError => new LogError('BAD_CONFIG', message, { details: { reason: 'jwt' }, hint, ...(cause === undefined ? {} : { cause }) });

const keysUnavailable = (cause: unknown): LogError => new LogError('LOG_UNAVAILABLE', 'The keys that tokens are verified with cannot be read.', { details: { reason: 'jwks' }, hint: 'Try again; if it stays so, check auth.jwt.jwks_url.', cause });
