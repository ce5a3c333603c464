/**
 * All layers of the configuration, laid over each other: flags > REFOLD_* > --config > ./.refold/config.yaml >
 * ./config/event-sourcing.yaml > $XDG_CONFIG_HOME/refold/config.yaml > defaults. Each leaf remembers where it came from.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { nearestFolder } from '../nearest-folder.ts';
import type { World } from '../world.ts';
import { checkConfig } from './check-config.ts';
import { leavesOf, overlay, treeWith } from './config-tree.ts';
import type { Tree } from './config-tree.ts';
import { readConfigFile } from './read-file.ts';
import type { ConfigFile } from './read-file.ts';
import { configSchema } from './schema.ts';
import type { Config } from './schema.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** Key of a leaf -> `default`, a file as messages name it, or the variable. */
  readonly origins: ReadonlyMap<string, string>;
  /** Files that were read, the strongest first. */
  readonly files: readonly string[];
  /** Secrets that stand in a file others may read. */
  readonly openSecrets: readonly { readonly file: string; readonly key: string }[];
  /** The log that the configuration names; null when it names none. */
  readonly storeUrl: string | null;
  /** Where a log that is not of lines keeps the files of documents 000 and 001 (`storage.mirror_jsonl`); null where it keeps none. */
  readonly mirrorFolder: string | null;
}

export interface LoadOptions {
  readonly world: Pick<World, 'env' | 'cwd'>;
  /** `--config`. */
  readonly file?: string | undefined;
  readonly onWarning?: (text: string) => void;
}

interface Layer {
  readonly origin: string;
  readonly tree: Tree;
  readonly file?: ConfigFile;
  /** What relative paths in it are meant from. */
  readonly base: string;
}

/** @throws LogError BAD_CONFIG, INSECURE_BIND. */
export function loadConfig({ world, file, onWarning = () => {} }: LoadOptions): LoadedConfig {
  const layers = [...fileLayers(world, file), ...environmentLayers(world)];
  const merged = layers.reduce<Tree>((below, { tree }) => overlay(below, tree), { event_sourcing: {} });
  const config = configSchema.parse(withDocumentedAges(merged));
  checkConfig(config);

  const origins = new Map(leavesOf(config).map(({ key }) => [key, 'default']));
  for (const { origin, tree } of layers) for (const { key } of leavesOf(tree)) origins.set(key, origin);
  const openSecrets = layers.flatMap(({ file: read, origin, tree }) => (read?.isOpen === true ? secretKeys(tree).map((key) => ({ file: origin, key })) : []));
  for (const { file: name, key } of openSecrets) onWarning(`warning: ${name} holds a secret (${key}) and others may read it; chmod 600, or \${NAME} from the environment`);
  const storeUrl = storeOf(config, layers);
  return { config, origins, files: layers.flatMap(({ file: read, origin }) => (read === undefined ? [] : [origin])).toReversed(), openSecrets, storeUrl, mirrorFolder: mirrorOf(config, layers) };
}

/** The weakest first. A file that was named must be there; the others are read when they are. */
function fileLayers({ env, cwd }: LoadOptions['world'], file: string | undefined): readonly Layer[] {
  const home = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config');
  const folder = nearestFolder(cwd);
  const named = file ?? (env['REFOLD_CONFIG'] === '' ? undefined : env['REFOLD_CONFIG']);
  const candidates = [
    { path: join(home, 'refold', 'config.yaml'), base: cwd, isNeeded: false },
    { path: join(cwd, 'config', 'event-sourcing.yaml'), base: cwd, isNeeded: false },
    ...(folder === null ? [] : [{ path: join(folder, 'config.yaml'), base: dirname(folder), isNeeded: false }]),
    ...(named === undefined ? [] : [{ path: resolve(cwd, named), base: cwd, isNeeded: true }]),
  ];
  return candidates
    .filter(({ path, isNeeded }) => isNeeded || existsSync(path))
    .map(({ path, base }) => {
      const origin = shownPath(path, cwd);
      const read = readConfigFile(path, origin, env);
      return { origin, tree: read.tree, file: read, base };
    });
}

const shownPath = (path: string, cwd: string): string => {
  const near = relative(cwd, path);
  return near.startsWith('..') ? path : near;
};

/** Variables that stand for one key each. */
const variables: readonly (readonly [name: string, key: string])[] = [['REFOLD_SIGNING_KEY', 'event_sourcing.integrity.signing_key']];

const environmentLayers = ({ env, cwd }: LoadOptions['world']): readonly Layer[] =>
  variables.flatMap(([name, key]) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [{ origin: name, tree: treeWith(key, value), base: cwd }];
  });

/** `cleanup.archive_after_days` and `delete_after_days` hold for P1 to P3 wherever the table does not say otherwise (000 L348). */
function withDocumentedAges(tree: Tree): Tree {
  const cleanup = (tree as { event_sourcing?: { cleanup?: Tree } }).event_sourcing?.cleanup ?? {};
  const ages = Object.fromEntries(['archive_after_days', 'delete_after_days'].filter((key) => Object.hasOwn(cleanup, key)).map((key) => [key, cleanup[key]]));
  if (Object.keys(ages).length === 0) return tree;
  const table = { event_sourcing: { cleanup: { retention: Object.fromEntries(['P1', 'P2', 'P3'].map((priority) => [priority, ages])) } } };
  return overlay(table, tree);
}

const secretKeys = (tree: Tree): readonly string[] =>
  leavesOf(tree)
    .filter(({ key, value }) => (/(?:^|\.)(?:secret|password|token)$/.test(key) && value !== null) || (typeof value === 'string' && /:\/\/[^/@\s]*:[^/@\s]+@/.test(value)) || holdsSecrets(value))
    .map(({ key }) => key);

const holdsSecrets = (value: unknown): boolean => Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null && typeof (item as Tree)['secret'] === 'string');

/** A relative folder is meant from the file that names it, or else from the one that asks for the copy. */
function mirrorOf({ event_sourcing: { storage } }: Config, layers: readonly Layer[]): string | null {
  if (!storage.mirror_jsonl) return null;
  const baseOf = (key: string): string | undefined => layers.findLast(({ tree }) => leavesOf(tree).some((leaf) => leaf.key === `event_sourcing.storage.${key}`))?.base;
  return resolve(baseOf('base_path') ?? baseOf('mirror_jsonl')!, storage.base_path);
}

/** The log that some layer names: a driver, a path, or the documents' `base_path` and `format`. */
function storeOf({ event_sourcing: { storage } }: Config, layers: readonly Layer[]): string | null {
  const names = new Map<string, string>();
  for (const { tree, base } of layers) for (const { key } of leavesOf(tree)) if (key.startsWith('event_sourcing.storage.')) names.set(key.slice('event_sourcing.storage.'.length), base);
  const at = (path: string, base: string): string => `sqlite:${isAbsolute(path) ? path : resolve(base, path)}`;
  const sqliteBase = names.get('sqlite.path');
  switch (storage.driver) {
    case 'memory':
      return 'memory:';
    case 'postgres':
      return storage.postgres.url ?? 'postgres:';
    case 'redis':
      return storage.redis.url ?? 'redis:';
    case 'nats':
      return storage.nats.servers[0] ?? 'nats:';
    case 'sqlite':
      return at(storage.sqlite.path, sqliteBase ?? names.get('driver')!);
    case 'jsonl':
    case undefined: {
      if (sqliteBase !== undefined) return at(storage.sqlite.path, sqliteBase);
      const base = names.get('base_path') ?? names.get('format') ?? names.get('driver');
      if (base === undefined) return null;
      // Who says nothing of a form gets the file that holds everything; the documents' own file says jsonl (K-085).
      if (storage.driver === undefined && storage.format === undefined) return at(join(storage.base_path, 'events.db'), base);
      return `jsonl:${isAbsolute(storage.base_path) ? storage.base_path : resolve(base, storage.base_path)}`;
    }
  }
}
