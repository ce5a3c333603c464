/**
 * The floors of the house, held by a tool so that nobody has to remember them: who may import whom, no cycles, what the
 * pure packages may touch, one entry per package, one word per concept. ARCHITECTURE.md draws the same floors for people.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, expect, test } from 'vitest';
import { workspacePackages } from '../scripts/workspaces.mjs';
import { exportedNames, filesBelow, importsOf, lineAt, readSource, root, scan, type SourceFile } from './source-code.ts';

/** Folder of a package (`*` = every driver) -> packages of this repository that its sources may name. */
const floors: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  'packages/catalog': ['@refold/core'],
  'packages/testing': ['@refold/core'],
  'packages/intake': ['@refold/core', '@refold/catalog'],
  'packages/operations': ['@refold/core', '@refold/catalog', '@refold/intake'],
  'packages/sdk': ['@refold/core', '@refold/catalog', '@refold/operations', '@refold/driver-*'],
  'packages/server': ['@refold/core', '@refold/catalog', '@refold/operations'],
  'packages/client': ['@refold/core'],
  'packages/react': ['@refold/client'],
  'apps/web': ['@refold/core', '@refold/catalog', '@refold/client', '@refold/react'],
  'packages/cli': ['@refold/core', '@refold/catalog', '@refold/operations', '@refold/sdk', '@refold/server', '@refold/client', '@refold/bench'],
  'drivers/*': ['@refold/core'],
  bench: ['@refold/core', '@refold/operations', '@refold/sdk', '@refold/server'],
};

/** Composition roots, and what starts an engine for tests: the only places that name a concrete driver, by its package or its URL scheme. */
const compositionRoots = ['packages/sdk/src/', 'packages/cli/src/', 'packages/server/src/main.ts', 'bench/', 'drivers/', 'packages/testing/src/postgres-server.ts'];

/** What is loaded by name at run time: an engine by its URL scheme, a driver's own worker module in the conformance suite. */
const computedImports = ['packages/sdk/src/', 'packages/testing/src/worker.ts', 'packages/testing/src/processes/opened-log.ts'];

/** Entries beside `.` in a package's `exports`, each with its reason. */
const furtherEntries: Readonly<Record<string, readonly string[]>> = {
  // The disk is Node's; everything else of the client runs in a browser, too.
  'packages/client': ['./spool'],
};

/** What a browser loads, further entries left out. */
const browserPackages = ['packages/core', 'packages/catalog', 'packages/intake', 'packages/client', 'packages/react', 'apps/web'];

const purePackages = ['packages/core', 'packages/catalog', 'packages/intake'];

const impurities: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\s*\.\s*now\b/g, instead: 'the Clock port' },
  { pattern: /\bnew\s+Date\s*(?:\(\s*\)|(?![\s(\w]))/g, instead: 'the Clock port' },
  { pattern: /(?<![\w$.]|new\s)Date\s*\(/g, instead: 'the Clock port' },
  { pattern: /(?<![\w$.])performance\s*\./g, instead: 'the Clock port' },
  { pattern: /(?<![\w$.])(?:setTimeout|setInterval|setImmediate)\b/g, instead: 'the Clock port' },
  { pattern: /\bMath\s*\.\s*random\b/g, instead: 'the Randomness port' },
  { pattern: /(?<![\w$.])crypto\s*\./g, instead: 'the Hasher, Randomness and IdSource ports' },
  { pattern: /(?<![\w$.])process\s*(?:\.|\[|\?\.)/g, instead: 'an argument' },
  { pattern: /(?<![\w$.])Buffer\b/g, instead: 'Uint8Array' },
  { pattern: /(?<![\w$.])(?:fetch|require)\s*\(/g, instead: 'an argument' },
  { pattern: /\bglobalThis\s*[.[]/g, instead: 'an argument' },
];

/**
 * Words that another word of the house has taken (the table of words in CONTRIBUTING.md). `word` is matched against whole
 * camelCase words of exported names.
 */
const takenWords: readonly { readonly word: RegExp; readonly instead: string; readonly allowed?: readonly string[] }[] = [
  // Names that a source document gives its interface stay as aliases: saveEvent is row B-022, saveEvents row B-129.
  { word: /^(?:save|push|publish|emit)(?:event|events|commit|commits)$/, instead: 'append', allowed: ['saveEvent', 'saveEvents'] },
  { word: /^(?:hydrate|rehydrate)/, instead: 'fold' },
  { word: /^expectedversion/, instead: 'expectedRevision' },
  { word: /^(?:global|stream|event)version/, instead: 'position, revision or schemaVersion' },
  { word: /^(?:bookmark|offset)s?(?:of|for|store)?$/, instead: 'cursor, revision or position' },
  { word: /^(?:sequencenumber|seqno|seq)$/, instead: 'revision or position' },
  { word: /^(?:journal|topic)s?$/, instead: 'log or stream' },
  { word: /(?:storage|log|engine)(?:adapter|backend|provider)s?$/, instead: 'driver' },
  { word: /^(?:simulate|simulation)/, instead: 'fork' },
  { word: /^(?:collision|versionconflict)/, instead: 'conflict' },
  { word: /^deleteevents?$/, instead: 'archive or erase' },
];

const packages = workspacePackages(root);
const ourEntries = new Set(packages.flatMap(({ name, folder }) => [name, ...(furtherEntries[folder] ?? []).map((entry) => `${name}${entry.slice(1)}`)]));
const sourcesByFolder = new Map(packages.map(({ folder }) => [folder, shippedSources(`${folder}/src`)]));
const sources = [...sourcesByFolder.values()].flat();

describe('Floors', () => {
  test('every package has its floor written down', () => {
    expect(packages.filter(({ folder }) => floorOf(folder) === undefined).map(({ folder }) => folder)).toEqual([]);
  });

  test.each(packages)('$name imports only what stands below it', ({ folder }) => {
    const offences = packageImports(folder)
      .filter(({ specifier }) => isOurs(specifier) && !isAllowed(floorOf(folder) ?? [], specifier))
      .map(({ specifier, where }) => `${where} imports ${specifier}`);
    expect(offences).toEqual([]);
  });

  test.each(packages)('$name declares every package that it imports', ({ folder, manifest }) => {
    const declared = new Set(Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'], ...manifest['optionalDependencies'] }));
    const offences = packageImports(folder)
      // Stores of other houses and a browser's driver are there in a checkout only, and the bench says so where they are absent.
      .filter(({ where }) => !/^bench\/src\/(?:peers|web)\.ts/.test(where))
      .filter(({ specifier }) => !specifier.startsWith('node:') && !declared.has(packageNameOf(specifier)))
      .map(({ specifier, where }) => `${where} imports ${specifier}`);
    expect(offences).toEqual([]);
  });

  test('examples import what a user imports', () => {
    const offences = filesBelow('examples', '.ts')
      .flatMap((path) => importsIn(readSource(path)))
      .filter(({ specifier }) => isOurs(specifier) && !isAllowed(['@refold/sdk', '@refold/catalog', '@refold/core'], specifier))
      .map(({ specifier, where }) => `${where} imports ${specifier}`);
    expect(offences).toEqual([]);
  });

  test('packages form no cycle', () => {
    const graph = new Map(packages.map(({ name, folder }) => [name, packageImports(folder).map(({ specifier }) => packageNameOf(specifier)).filter((target) => target !== name && isOurs(target))]));
    expect(cyclesIn(graph)).toEqual([]);
  });

  test('the rule against cycles finds one', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
      ['d', ['a']],
    ]);
    expect(cyclesIn(graph)).toEqual(['a -> b -> c -> a']);
  });

  test.each(packages)('files of $name form no cycle, types included', ({ folder }) => {
    const graph = new Map((sourcesByFolder.get(folder) ?? []).map((source) => [source.path, relativeImports(source)]));
    expect(cyclesIn(graph)).toEqual([]);
  });

  test('no file reaches into another package past its entry, tests included', () => {
    const offences = everyTypeScriptFile().flatMap((source) =>
      importsIn(source)
        .filter(({ specifier }) => leavesItsPackage(source.path, specifier))
        .map(({ specifier, where }) => `${where} imports ${specifier}`),
    );
    expect(offences).toEqual([]);
  });

  test('an import is computed only where something is loaded by name at run time', () => {
    const offences = sources
      .filter(({ path }) => !computedImports.some((allowed) => path.startsWith(allowed)))
      .flatMap((source) => importsOf(source).filter(({ specifier }) => specifier === null).map(({ line }) => `${source.path}:${line}`));
    expect(offences).toEqual([]);
  });
});

describe('Pure packages', () => {
  test.each(browserPackages)('%s imports no module of Node', (folder) => {
    const apart = (furtherEntries[folder] ?? []).map((entry) => `${folder}/src/${entry.slice(2)}/`);
    const inBrowser = ({ where }: LocatedImport): boolean => !apart.some((path) => where.startsWith(path));
    expect(packageImports(folder).filter(inBrowser).filter(({ specifier }) => isNodeModule(specifier)).map(({ specifier, where }) => `${where} imports ${specifier}`)).toEqual([]);
    // Nor by a way round.
    const reaching = (sourcesByFolder.get(folder) ?? []).filter(({ path }) => inBrowser({ specifier: '', where: path })).filter((source) => relativeImports(source).some((target) => apart.some((path) => target.startsWith(path))));
    expect(reaching.map(({ path }) => path)).toEqual([]);
  });

  test.each(purePackages)('%s reads no clock, no randomness and no surroundings by itself', (folder) => {
    expect((sourcesByFolder.get(folder) ?? []).flatMap(impuritiesIn)).toEqual([]);
  });

  test.each(['Date.now()', 'new Date()', 'new Date', 'Date()', 'performance.now()', 'setTimeout(f, 1)', 'Math.random()', 'crypto.randomUUID()', 'process.env', 'Buffer.from(x)', "fetch('x')", 'globalThis.process'])(
    'the rule finds %s',
    (code) => {
      expect(impuritiesIn(scan('a.ts', `const a = ${code};`))).not.toEqual([]);
    },
  );

  test.each(['new Date(instant)', 'clock.now()', 'step.process.start()', 'Date.parse(text)', 'parts.setTimeout', 'toBuffer(x)', "'Date.now()'", '1; // Math.random()'])('the rule lets %s pass', (code) => {
    expect(impuritiesIn(scan('a.ts', `const a = ${code};`))).toEqual([]);
  });
});

describe('Drivers stay behind the port', () => {
  test('only composition roots name a concrete driver', () => {
    const scheme = /(?<![\w-])(?:memory|sqlite|postgres|postgresql|nats|redis):(?:\/\/|[\w./])/;
    const offences = sources
      .filter((source) => !compositionRoots.some((path) => source.path.startsWith(path)))
      .flatMap((source) => [
        ...importsIn(source).filter(({ specifier }) => specifier.startsWith('@refold/driver-')).map(({ specifier, where }) => `${where} imports ${specifier}`),
        ...source.literals.filter(({ text }) => scheme.test(text)).map(({ start, text }) => `${source.path}:${lineAt(source.text, start)} names "${text}"`),
      ]);
    expect(offences).toEqual([]);
  });

  test('a driver never imports a driver', () => {
    const offences = packages
      .filter(({ folder }) => folder.startsWith('drivers/'))
      .flatMap(({ folder }) => packageImports(folder).filter(({ specifier }) => specifier.startsWith('@refold/driver-')).map(({ where }) => where));
    expect(offences).toEqual([]);
  });
});

describe('Entries and names', () => {
  test.each(packages.filter(({ isPublishable }) => isPublishable))('$name has one public entry', ({ folder, manifest }) => {
    expect(manifest['exports']).toMatchObject({ '.': { types: './dist/index.d.ts', default: './dist/index.js' } });
    expect(Object.keys(manifest['exports']).filter((entry) => entry !== '.')).toEqual(furtherEntries[folder] ?? []);
    expect(existsSync(`${root}${folder}/src/index.ts`)).toBe(true);
  });

  test('every index.ts lists its exports by name', () => {
    const offences = sources.filter(({ path, code }) => path.endsWith('/src/index.ts') && /\bexport\s*\*/.test(code)).map(({ path }) => path);
    expect(offences).toEqual([]);
  });

  test('no file is a drawer for odds and ends', () => {
    expect(everyTypeScriptFile().map(({ path }) => path).filter((path) => /(?:^|\/)(?:utils?|helpers?|misc|common|shared)(?:\.|\/)/.test(path))).toEqual([]);
  });

  test('files are named in kebab-case', () => {
    const name = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|config|d|worker|fixture))?\.tsx?$/;
    expect(everyTypeScriptFile().map(({ path }) => path).filter((path) => !name.test(path.slice(path.lastIndexOf('/') + 1)))).toEqual([]);
  });

  test('exported names use the words of the house', () => {
    const offences = sources.flatMap((source) =>
      exportedNames(source).flatMap((name) =>
        takenWords.filter(({ word, allowed }) => word.test(name.toLowerCase()) && allowed?.includes(name) !== true).map(({ instead }) => `${source.path} exports ${name} (the word is ${instead})`),
      ),
    );
    expect(offences).toEqual([]);
  });

  test('no test is skipped for good, singled out or promised', () => {
    const offences = everyTypeScriptFile()
      .filter(({ path }) => path.endsWith('.test.ts'))
      .flatMap((source) => [...source.code.matchAll(/\b(?:test|it|describe)\s*\.\s*(?:skip|only|todo)\b/g)].map((match) => `${source.path}:${lineAt(source.text, match.index)} ${match[0]}`));
    expect(offences).toEqual([]);
  });
});

interface LocatedImport {
  readonly specifier: string;
  /** `path:line` */
  readonly where: string;
}

/** Sources that are shipped: no tests. */
function shippedSources(folder: string): readonly SourceFile[] {
  if (!existsSync(root + folder)) return [];
  return typeScriptBelow(folder).filter((path) => !path.endsWith('.test.ts')).map(readSource);
}

function everyTypeScriptFile(): readonly SourceFile[] {
  return ['packages', 'drivers', 'apps', 'bench', 'examples', 'test'].filter((folder) => existsSync(root + folder)).flatMap(typeScriptBelow).map(readSource);
}

function typeScriptBelow(folder: string): readonly string[] {
  return [...filesBelow(folder, '.ts'), ...filesBelow(folder, '.tsx')];
}

const importsIn = (source: SourceFile): readonly LocatedImport[] =>
  importsOf(source).flatMap(({ specifier, line }) => (specifier === null ? [] : [{ specifier, where: `${source.path}:${line}` }]));

/** Imports of a package's sources that leave the package. */
const packageImports = (folder: string): readonly LocatedImport[] =>
  (sourcesByFolder.get(folder) ?? []).flatMap(importsIn).filter(({ specifier }) => !specifier.startsWith('.'));

const relativeImports = (source: SourceFile): readonly string[] =>
  importsIn(source).filter(({ specifier }) => specifier.startsWith('.')).map(({ specifier }) => join(dirname(source.path), specifier));

const impuritiesIn = (source: SourceFile): readonly string[] =>
  impurities.flatMap(({ pattern, instead }) => [...source.code.matchAll(pattern)].map((match) => `${source.path}:${lineAt(source.text, match.index)} ${match[0].trim()} (instead: ${instead})`));

const floorOf = (folder: string): readonly string[] | undefined => floors[folder] ?? floors[`${dirname(folder)}/*`];

const isOurs = (specifier: string): boolean => specifier === 'refold' || specifier.startsWith('refold/') || specifier.startsWith('@refold/');

const isAllowed = (allowed: readonly string[], specifier: string): boolean =>
  allowed.some((pattern) => (pattern.endsWith('*') ? specifier.startsWith(pattern.slice(0, -1)) : packageNameOf(specifier) === pattern));

const packageNameOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');

const nodeModules = /^(?:assert|buffer|child_process|crypto|events|fs|http|https|net|os|path|process|stream|timers|tls|tty|url|util|v8|vm|worker_threads|zlib)(?:\/|$)/;
const isNodeModule = (specifier: string): boolean => specifier.startsWith('node:') || nodeModules.test(specifier);

/** A relative path out of the package's own folder into another package's, or a sub-path that no `exports` names. */
function leavesItsPackage(path: string, specifier: string): boolean {
  if (isOurs(specifier)) return !ourEntries.has(specifier);
  if (!specifier.startsWith('.')) return false;
  const own = packages.find(({ folder }) => path.startsWith(`${folder}/`));
  const target = join(dirname(path), specifier);
  return packages.some(({ folder }) => folder !== own?.folder && target.startsWith(`${folder}/`)) || (own !== undefined && !target.startsWith(`${own.folder}/`));
}

/** Every cycle once, as a path that ends where it began. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (node: string, trail: readonly string[]): void => {
    const start = trail.indexOf(node);
    if (start !== -1) {
      cycles.push([...trail.slice(start), node].join(' -> '));
      return;
    }
    if (done.has(node)) return;
    for (const target of graph.get(node) ?? []) visit(target, [...trail, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}
