/** Which log a command means: what was named, what the configuration says, or the nearest `.refold/` from here upward. */
import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { LogError } from '@refold/core';
import { nearestFolder } from './nearest-folder.ts';
import type { Session } from './session.ts';

export interface FoundStore {
  readonly url: string;
  /** Where a server of this log leaves its address and its token: the `.refold` folder that the log is in, else one of the log's own. */
  readonly folder: string;
  readonly from: 'flag' | 'environment' | 'configuration' | 'folder';
}

/** @throws LogError NOT_FOUND `store`, with `refold init` as the way out. */
export function findStore(session: Session): FoundStore {
  const store = lookForStore(session);
  if (store === null)
    throw new LogError('NOT_FOUND', 'There is no log from here upward.', { details: { reason: 'store' }, hint: 'refold init makes one here; or name it with --store sqlite:PATH.' });
  return store;
}

export function lookForStore(session: Session): FoundStore | null {
  const { globals, world } = session;
  const named = globals.store ?? (world.env['REFOLD_STORE'] === '' ? undefined : world.env['REFOLD_STORE']);
  if (named !== undefined) return { url: absoluteUrl(named, world.cwd), folder: folderOf(named, world.cwd), from: globals.store === undefined ? 'environment' : 'flag' };

  const configured = session.config().storeUrl;
  if (configured !== null) return { url: configured, folder: folderOf(configured, world.cwd), from: 'configuration' };

  const folder = nearestFolder(world.cwd);
  return folder === null || !existsSync(join(folder, 'log.db')) ? null : { url: `sqlite:${join(folder, 'log.db')}`, folder, from: 'folder' };
}

/** Paths in a store's URL are meant from the working directory, whatever opens it later. */
export function absoluteUrl(url: string, base: string): string {
  const path = pathOf(url);
  return path === null || isAbsolute(path) || path === '' ? url : `${schemeOf(url)}:${resolve(base, path)}`;
}

/** The URL as a person wrote it: relative where that is shorter. */
export function shownUrl(url: string, cwd: string): string {
  const path = pathOf(url);
  if (path === null) return url.replace(/\/\/[^@/]*@/, '//');
  const near = relative(cwd, path);
  return near.startsWith('..') || near === '' ? url : `${schemeOf(url)}:${near}`;
}

const schemeOf = (url: string): string => url.slice(0, url.indexOf(':'));
/** Of a log that is a file or a folder here. */
const pathOf = (url: string): string | null => (['sqlite', 'jsonl'].includes(schemeOf(url)) ? url.slice(url.indexOf(':') + 1) : null);

/** The folder of somebody else's files is no place for a token: nothing there keeps it out of version control. */
function folderOf(url: string, cwd: string): string {
  const path = resolve(cwd, pathOf(url) ?? '.refold/log');
  return basename(dirname(path)) === '.refold' ? dirname(path) : `${path}.refold`;
}
