/** The certificate and the key that a server speaks TLS with, read and tried before anything is opened. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { LogError } from '@refold/core';
import type { World } from './world.ts';

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** @returns null when neither is named. @throws LogError BAD_CONFIG `tls`. */
export function tlsIn({ cwd }: Pick<World, 'cwd'>, { cert, key }: { readonly cert: string | null; readonly key: string | null }): TlsFiles | null {
  if (cert === null && key === null) return null;
  if (cert === null || key === null) throw refused('A certificate and its key go together.', 'Name both: --tls-cert, --tls-key.');
  const files = { cert: read(cwd, cert), key: read(cwd, key) };
  try {
    createSecureContext(files);
  } catch (error) {
    throw refused('The certificate and the key do not fit, or are no PEM.', 'Check both files.', error);
  }
  return files;
}

function read(cwd: string, path: string): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw refused(`There is no readable file ${path}.`, 'Check the path, and who may read it.', error);
  }
}

const refused = (message: string, hint: string, cause?: unknown): LogError => new LogError('BAD_CONFIG', message, { details: { reason: 'tls' }, hint, ...(cause === undefined ? {} : { cause }) });
