/** What the documents say can be followed: links lead somewhere, and commands exist. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow, root } from './source-code.ts';

const documents = filesBelow('', '.md');
const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync(`${root}package.json`, 'utf8')).scripts;

/** npm's own commands that are no script of ours. */
const npmCommands = new Set(['ci', 'install', 'pack', 'publish', 'run']);

describe('Documents', () => {
  test.each(documents)('every link in %s leads to a file and, where it names one, to a heading', (path) => {
    expect(linksIn(readFileSync(root + path, 'utf8')).filter((link) => !resolves(path, link))).toEqual([]);
  });

  test.each(documents)('every npm script that %s tells a person to run exists', (path) => {
    const offences = npmScriptsIn(readFileSync(root + path, 'utf8')).filter((name) => scripts[name] === undefined && !npmCommands.has(name));
    expect(offences).toEqual([]);
  });

  test('X-012 replay has one meaning: a state is reconstructed, an old job begins a rerun, a changed copy is a fork', () => {
    const taken = [/\breplay(?:s|ed|ing)? (?:the |a |its |every )?(?:states?|jobs?|snapshots?)\b/i, /\b(?:by|through) (?:a )?replay(?:ing)?\b/i, /\brebuil(?:d|ds|t|ding) (?:the |a |its )?state/i, /\bre-?hydrat/i, /\bre-runs?\b/i, /\bwhat-if replay/i];
    const offencesIn = (text: string): readonly string[] => taken.flatMap((word) => word.exec(text)?.[0] ?? []);
    expect(offencesIn('It replays the state, by replaying; re-run a job to rebuild its state.')).toHaveLength(4);
    // The tables of requirements and the origins of samples quote others, whose words these are.
    const written = documents.filter((path) => !/^docs\/reference\/.*coverage\.md$|\/samples\//.test(path)).map((path) => [path, readFileSync(root + path, 'utf8')] as const);
    const spoken = [...filesBelow('packages/cli/src', '.ts'), ...filesBelow('packages/operations/src', '.ts')].map((path) => [path, readFileSync(root + path, 'utf8')] as const);
    expect(spoken.length).toBeGreaterThan(50);
    expect([...written, ...spoken].flatMap(([path, text]) => offencesIn(text).map((words) => `${path}: ${words}`))).toEqual([]);
  });

  test('every script of the repository that a command calls is there', () => {
    const called = Object.values(scripts).flatMap((script) => [...script.matchAll(/\bnode (scripts\/[\w.-]+)/g)].map((match) => match[1] ?? ''));
    expect(called.length).toBeGreaterThan(0);
    expect(called.filter((path) => !existsSync(root + path))).toEqual([]);
  });

  test('decisions are numbered without holes, and each says what would reopen it', () => {
    const decisions = documents.filter((path) => /^docs\/decisions\/\d{4}-/.test(path));
    expect(decisions.map((path) => Number(path.slice('docs/decisions/'.length).slice(0, 4)))).toEqual(decisions.map((_, index) => index + 1));
    expect(decisions.filter((path) => !/^## What would reopen it$/m.test(readFileSync(root + path, 'utf8')))).toEqual([]);
  });

  test('no document holds the path of a machine', () => {
    expect(documents.filter((path) => /(?:^|[\s(`"'])\/(?:home|root|work|Users|tmp)\/\w/m.test(readFileSync(root + path, 'utf8')))).toEqual([]);
  });
});

/** Targets of links and images, outside of code. */
function linksIn(markdown: string): readonly string[] {
  const prose = markdown.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

function resolves(path: string, link: string): boolean {
  if (/^(?:https?|mailto):/.test(link)) return true;
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? root + path : join(root, dirname(path), decodeURIComponent(file));
  if (!existsSync(target)) return false;
  if (anchor === undefined || statSync(target).isDirectory()) return true;
  return anchorsIn(readFileSync(target, 'utf8')).includes(anchor);
}

/** Anchors as GitHub makes them from headings. */
const anchorsIn = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

/** `npm test`, `npm start`, `npm run name`: in code, fenced or not; of a shown terminal only what is typed. */
function npmScriptsIn(markdown: string): readonly string[] {
  const typed = markdown.replace(/```console\n([\s\S]*?)```/g, (_, lines: string) => `\`\`\`\n${lines.split('\n').filter((line) => line.startsWith('$ ')).join('\n')}\n\`\`\``);
  const code = [...typed.matchAll(/```[\s\S]*?```|`[^`\n]*`/g)].map((match) => match[0]).join('\n');
  return [...code.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|([a-z]+))/g)].map((match) => match[1] ?? match[2] ?? '');
}
