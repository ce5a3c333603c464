/**
 * Which requirement is shown by which test: reads the names of tests for row ids (`A-014`, `bad-input A18`) and writes
 * docs/reference/coverage.md and bad-inputs-coverage.md. Only texts in test files count, so that a comment proves nothing.
 *
 *   node scripts/coverage-table.mjs          writes the tables
 *   node scripts/coverage-table.mjs --check  exit 1 when a table is stale, or a test names a row that does not exist
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow, readSource, root } from '../test/source-code.ts';

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} [document]   Of a requirement: 000 to 004, merge or resolution.
 * @property {string} [priority]   Of a requirement: must, should, later.
 * @property {string} [text]
 * @property {string} [surface]    Of a bad input, with its input, answer and status.
 * @property {string} [input]
 * @property {string} [answer]
 * @property {string} [status]
 */

/**
 * @typedef {object} TestTexts
 * @property {string} path
 * @property {readonly string[]} texts  The contents of its texts and templates.
 */

/** @typedef {ReadonlyMap<string, readonly string[]>} Shown  Row id -> test files that name it, sorted. */

const documents = {
  '000': 'quick reference',
  '001': 'orchestrator agent',
  '002': 'Agent Lightning event sourcing',
  '003': 'event system enhancement',
  '004': 'event sourcing and GraphQL',
  merge: 'what the merge of the five asks for',
  resolution: 'resolutions of contradictions',
};

/** Every test of the repository, and the conformance suite, which becomes a test in each driver. */
export function testTexts() {
  const suite = filesBelow('packages/testing/src', '.ts');
  const tests = ['apps', 'packages', 'drivers', 'bench', 'examples', 'test'].filter((folder) => existsSync(root + folder)).flatMap((folder) => filesBelow(folder, '.test.ts'));
  return [...new Set([...suite, ...tests])].map((path) => ({ path, texts: readSource(path).literals.map(({ text }) => text) }));
}

/**
 * Requirement ids in test texts.
 *
 * @param {readonly Row[]} rows
 * @param {readonly TestTexts[]} tests
 */
export function shownRequirements(rows, tests) {
  const letters = [...new Set(rows.map(({ id }) => id[0]))].join('');
  const pattern = new RegExp(`(?<![\\w-])[${letters}]-\\d{3}(?![\\w-])`, 'g');
  return collect(tests, ({ texts }) => texts.flatMap((text) => text.match(pattern) ?? []));
}

/**
 * Ids of bad inputs: after the words `bad-input` or `bad-inputs`, or alone in a text of a file that says these words
 * (the first column of a table of cases).
 *
 * @param {readonly Row[]} rows
 * @param {readonly TestTexts[]} tests
 */
export function shownBadInputs(rows, tests) {
  const letters = [...new Set(rows.map(({ id }) => id[0]))].join('');
  const id = `[${letters}]\\d{1,2}(?!\\w)`;
  const named = new RegExp(`bad-inputs?((?:[\\s,]|and)+${id})+`, 'g');
  return collect(tests, ({ texts }) => {
    if (!texts.some((text) => /bad-input/.test(text))) return [];
    return texts.flatMap((text) => (new RegExp(`^${id}$`).test(text) ? [text] : (text.match(named) ?? []).flatMap((words) => words.match(new RegExp(id, 'g')) ?? [])));
  });
}

/**
 * @param {readonly TestTexts[]} tests
 * @param {(test: TestTexts) => readonly string[]} idsIn
 * @returns {Shown}
 */
function collect(tests, idsIn) {
  /** @type {Map<string, string[]>} */
  const shown = new Map();
  for (const test of tests) for (const id of new Set(idsIn(test))) shown.set(id, [...(shown.get(id) ?? []), test.path].toSorted((a, b) => (a < b ? -1 : 1)));
  return shown;
}

/**
 * Ids that tests name and no row has: a slip of the pen would otherwise count for nothing, silently.
 *
 * @param {readonly Row[]} rows
 * @param {Shown} shown
 */
export function unknownIds(rows, shown) {
  const known = new Set(rows.map(({ id }) => id));
  return [...shown].filter(([id]) => !known.has(id)).map(([id, paths]) => `${id} in ${paths.join(', ')}`);
}

/**
 * @param {readonly Row[]} rows
 * @param {Shown} shown
 */
export function requirementsTable(rows, shown) {
  const counts = Object.entries(documents).map(([document, name]) => {
    const own = rows.filter((row) => row.document === document);
    return `| ${document} | ${name} | ${own.length} | ${share(own, shown)} | ${share(own.filter(({ priority }) => priority === 'must'), shown)} |`;
  });
  return page(
    'Requirements shown by tests',
    'Rows of [requirements.json](requirements.json) and the tests whose names carry their ids. A row without a test is listed as not shown, whatever the code does.',
    ['| document | | rows | shown | of these must |', '|---|---|---|---|---|', ...counts, `| all | | ${rows.length} | ${share(rows, shown)} | ${share(rows.filter(({ priority }) => priority === 'must'), shown)} |`],
    ['| row | priority | requirement | shown by |', '|---|---|---|---|', ...rows.filter(({ id }) => shown.has(id)).map(({ id, priority, text }) => `| ${id} | ${priority} | ${cell(text)} | ${links(shown, id)} |`)],
    rows,
    shown,
  );
}

/**
 * @param {readonly Row[]} rows
 * @param {Shown} shown
 */
export function badInputsTable(rows, shown) {
  const sections = [...new Set(rows.map(({ id }) => id[0] ?? ''))];
  const counts = sections.map((section) => {
    const own = rows.filter(({ id }) => id.startsWith(section));
    return `| ${section} | ${own.length} | ${share(own, shown)} |`;
  });
  return page(
    'Bad inputs shown by tests',
    'Rows of [bad-inputs.json](bad-inputs.json): what broken producers and attackers hand in, the one answer each gets, and the tests that hand it in.',
    ['| section | rows | shown |', '|---|---|---|', ...counts, `| all | ${rows.length} | ${share(rows, shown)} |`],
    [
      '| row | where | input | answer | status | shown by |',
      '|---|---|---|---|---|---|',
      ...rows.filter(({ id }) => shown.has(id)).map(({ id, surface, input, answer, status }) => `| ${id} | ${cell(surface)} | ${cell(input)} | ${cell(answer)} | ${cell(status)} | ${links(shown, id)} |`),
    ],
    rows,
    shown,
  );
}

/**
 * @param {string} title
 * @param {string} introduction
 * @param {readonly string[]} counts
 * @param {readonly string[]} table
 * @param {readonly Row[]} rows
 * @param {Shown} shown
 */
function page(title, introduction, counts, table, rows, shown) {
  const missing = rows.map(({ id }) => id).filter((id) => !shown.has(id));
  return [`# ${title}`, '', `${introduction} Written by \`npm run coverage\`; do not edit.`, '', ...counts, '', '## Shown', '', ...table, '', '## Not shown', '', missing.length === 0 ? 'None.' : `${missing.join(', ')}.`, ''].join('\n');
}

/**
 * @param {readonly Row[]} rows
 * @param {Shown} shown
 */
const share = (rows, shown) => `${rows.filter(({ id }) => shown.has(id)).length} of ${rows.length}`;

/** @param {string | undefined} text */
const cell = (text = '') => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/**
 * @param {Shown} shown
 * @param {string} id
 */
const links = (shown, id) => (shown.get(id) ?? []).map((path) => `[${basename(path, '.ts').replace(/\.test$/, '')}](../../${path})`).join(', ');

/** Both tables as they should stand now, and what is wrong with the ids in the tests. */
export function currentTables() {
  const requirements = readRows('docs/reference/requirements.json');
  const badInputs = readRows('docs/reference/bad-inputs.json');
  const tests = testTexts();
  const requirementsShown = shownRequirements(requirements, tests);
  const badInputsShown = shownBadInputs(badInputs, tests);
  return {
    unknown: [...unknownIds(requirements, requirementsShown), ...unknownIds(badInputs, badInputsShown)],
    tables: [
      { path: 'docs/reference/coverage.md', text: requirementsTable(requirements, requirementsShown) },
      { path: 'docs/reference/bad-inputs-coverage.md', text: badInputsTable(badInputs, badInputsShown) },
    ],
  };
}

/** Paths of the tables whose committed text differs from `currentTables`. */
export const staleTables = (/** @type {ReturnType<typeof currentTables>} */ { tables }) => tables.filter(({ path, text }) => !existsSync(root + path) || readFileSync(root + path, 'utf8') !== text).map(({ path }) => path);

/**
 * @param {string} path
 * @returns {readonly Row[]}
 */
const readRows = (path) => JSON.parse(readFileSync(root + path, 'utf8')).rows;

function main() {
  const current = currentTables();
  for (const line of current.unknown) console.error(`No such row: ${line}`);
  const stale = staleTables(current);
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is stale. Run: npm run coverage`);
    return current.unknown.length + stale.length === 0 ? 0 : 1;
  }
  for (const { path, text } of current.tables) writeFileSync(root + path, text);
  console.log(stale.length === 0 ? 'The tables were up to date.' : `Wrote ${stale.join(' and ')}.`);
  return current.unknown.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
