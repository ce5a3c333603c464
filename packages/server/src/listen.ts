/**
 * Starts and stops a server. Beyond the loopback of this machine it listens only where people sign in, and it or a proxy speaks
 * TLS to the world (TRUST.md section 10.1).
 */
import { isIP } from 'node:net';
import type { AddressInfo } from 'node:net';
import { LogError } from '@refold/core';
import type { FastifyInstance } from 'fastify';
import { signInOf, speaksTls } from './create-server.ts';
import type { SignIn } from './auth/sign-in.ts';
import { defaultHttpLimits } from './http-limits.ts';

export interface ListenOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 8012; 0 takes a free one. */
  readonly port?: number;
  /** How long answers under way may take when it closes. Default 10 s. */
  readonly drainMs?: number;
}

export interface Listening {
  /** For example `http://127.0.0.1:8012`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Takes no more requests, ends event streams, waits for answers under way, then lets go of every connection. */
  close(): Promise<void>;
}

const defaultPort = 8012;

/**
 * @throws LogError INSECURE_BIND when the host is not this machine alone, and nobody has to sign in or what they say can be
 *         overheard; BAD_CONFIG `port` when the port cannot be had.
 */
export async function listen(app: FastifyInstance, { host = '127.0.0.1', port = defaultPort, drainMs = defaultHttpLimits.drainMs }: ListenOptions = {}): Promise<Listening> {
  const address = loopback.get(host) ?? networkAddress(host, signInOf(app), speaksTls(app));
  try {
    await app.listen({ host: address, port });
  } catch (error) {
    throw portTaken(error, port) ?? error;
  }
  const bound = (app.server.address() as AddressInfo).port;
  return { url: `${speaksTls(app) ? 'https' : 'http'}://${isIP(address) === 6 ? `[${address}]` : host}:${bound}`, host: address, port: bound, close: () => close(app, drainMs) };
}

/** The names that the guard lets in, and the address each is bound to: one, so that one port is one server. */
const loopback: ReadonlyMap<string, string> = new Map([
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', '127.0.0.1'],
  ['::1', '::1'],
  ['[::1]', '::1'],
]);

function networkAddress(host: string, signIn: SignIn | null, hasTls: boolean): string {
  if (signIn === null)
    throw new LogError('INSECURE_BIND', 'The server would listen beyond the loopback of this machine, and nobody has to sign in.', { details: { reason: 'host', host }, hint: 'Listen on 127.0.0.1, and reach it through a tunnel.' });
  const isPrivate = signIn.isBehindProxy || hasTls;
  if (!isPrivate || isIP(host) === 0)
    throw new LogError('INSECURE_BIND', 'The server would listen beyond the loopback of this machine, and what is said to it could be overheard.', { details: { reason: isPrivate ? 'host' : 'no_tls', host }, hint: 'Give it a certificate (--tls-cert, --tls-key), or put a proxy with TLS in front and say --behind-proxy; and give the address of an interface.' });
  return host;
}

function portTaken(error: unknown, port: number): LogError | null {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return null;
  return new LogError('BAD_CONFIG', code === 'EADDRINUSE' ? `Port ${port} is in use.` : `Port ${port} may not be used.`, { details: { reason: 'port', port }, hint: 'Choose another with --port, or stop what is running there.', cause: error });
}

async function close(app: FastifyInstance, drainMs: number): Promise<void> {
  const impatient = setTimeout(() => app.server.closeAllConnections(), drainMs);
  try {
    await app.close();
  } finally {
    clearTimeout(impatient);
  }
}
