/**
 * Reads TypeScript just far enough to hold rules about it: where the code is, where comments and texts are, what a file
 * imports and what it exports. The compiler's own parser has no stable API in TypeScript 7, and a plain search would trip
 * over examples in comments; a scanner that knows comments, texts, templates and regular expressions does not.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository, with a slash at the end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text, equally long, with comments and the insides of texts and regular expressions blanked. */
  readonly code: string;
  readonly literals: readonly Literal[];
}

export interface Literal {
  readonly start: number;
  readonly text: string;
}

export interface Import {
  /** null when the specifier is computed. */
  readonly specifier: string | null;
  readonly line: number;
}

const skippedFolders = new Set(['node_modules', 'dist', '.git', '.refold', 'coverage', 'fixtures']);

/** Files below `folder` whose name ends with `ending`, sorted; nothing when the folder is not there. */
export function filesBelow(folder: string, ending: string): readonly string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) visit(child);
      else if (entry.isFile() && entry.name.endsWith(ending)) found.push(child);
    }
  };
  visit(folder);
  return found.toSorted();
}

export const readSource = (path: string): SourceFile => scan(path, readFileSync(join(root, path), 'utf8'));

/** Everything a file imports: static, re-exported, for its side effects, as a type, and `import('...')`. */
export function importsOf(source: SourceFile): readonly Import[] {
  const literalAt = new Map(source.literals.map((literal) => [literal.start, literal.text]));
  const found: Import[] = [];
  for (const pattern of [/\b(?:import|export)\b[^;'"`()=]*?\bfrom\s*(?=['"])/g, /\bimport\s*(?=['"])/g, /\bimport\s*\(\s*/g])
    for (const match of source.code.matchAll(pattern)) {
      const end = match.index + match[0].length;
      found.push({ specifier: literalAt.get(end) ?? null, line: lineAt(source.text, end) });
    }
  return found;
}

/** Names a file declares and exports; names passed on from another file are judged there. */
export const exportedNames = (source: SourceFile): readonly string[] =>
  [...source.code.matchAll(/^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const|let|function\*?|class|interface|type)\s+([\w$]+)/gm)].map((match) => match[1] ?? '');

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Splits a text into code and everything else. A template's `${...}` is code again. */
export function scan(path: string, text: string): SourceFile {
  const code = text.split('');
  const literals: Literal[] = [];
  // Depth of braces in each open template substitution, innermost last.
  const substitutions: number[] = [];
  let at = 0;

  while (at < text.length) {
    const character = text[at]!;
    if (text.startsWith('//', at)) at = blank(at, indexOrEnd('\n', at));
    else if (text.startsWith('/*', at)) at = blank(at, indexOrEnd('*/', at + 2) + 2);
    else if (character === "'" || character === '"') at = readText(character);
    else if (character === '`') at = readTemplate();
    else if (character === '/' && opensRegularExpression(lastCodeBefore(at))) at = readRegularExpression();
    else {
      if (character === '{' && substitutions.length > 0) substitutions[substitutions.length - 1]! += 1;
      if (character === '}' && substitutions.length > 0) {
        if (substitutions.at(-1) === 0) {
          substitutions.pop();
          at = readTemplate();
          continue;
        }
        substitutions[substitutions.length - 1]! -= 1;
      }
      at += 1;
    }
  }
  return { path, text, code: code.join(''), literals };

  function readText(quote: string): number {
    let end = at + 1;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
    literals.push({ start: at, text: text.slice(at + 1, end) });
    blank(at + 1, end);
    return end + 1;
  }

  /** From a backtick or from the brace that closes a substitution, to the end of the template or the next substitution. */
  function readTemplate(): number {
    let end = at + 1;
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) end += text[end] === '\\' ? 2 : 1;
    literals.push({ start: at, text: text.slice(at + 1, end) });
    blank(at + 1, end);
    if (text[end] === '`') return end + 1;
    substitutions.push(0);
    return end + 2;
  }

  function readRegularExpression(): number {
    let end = at + 1;
    let isInClass = false;
    while (end < text.length && text[end] !== '\n' && (isInClass || text[end] !== '/')) {
      if (text[end] === '[') isInClass = true;
      if (text[end] === ']') isInClass = false;
      end += text[end] === '\\' ? 2 : 1;
    }
    blank(at + 1, end);
    return end + 1;
  }

  /** The last few characters of code, the spaces after them left out: as much as the longest keyword needs. */
  function lastCodeBefore(offset: number): string {
    let end = offset;
    while (end > 0 && code[end - 1]!.trim() === '') end -= 1;
    return code.slice(Math.max(0, end - 12), end).join('');
  }

  function blank(from: number, to: number): number {
    for (let index = from; index < Math.min(to, text.length); index++) if (code[index] !== '\n') code[index] = ' ';
    return to;
  }

  function indexOrEnd(wanted: string, from: number): number {
    const found = text.indexOf(wanted, from);
    return found === -1 ? text.length : found;
  }
}

/** After a value a slash divides; after an operator, an opening bracket or a keyword it begins a regular expression. */
function opensRegularExpression(before: string): boolean {
  if (/(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|yield|await)$/.test(before)) return true;
  return !/[\w$)\]'"`]!?$/.test(before);
}
