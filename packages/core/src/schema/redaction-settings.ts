/** What a redactor is told, made ready for use: compiled once, asked for every event. */
import { pathMatcher } from './redaction-path.ts';
import type { PathMatcher } from './redaction-path.ts';
import type { RedactionMode, RedactorOptions, SecretPath } from './redaction.ts';
import { secretRules, sensitiveKeyPatterns } from './secret-rules.ts';
import { createSecretScanner } from './secret-scanner.ts';
import type { SecretScanner } from './secret-scanner.ts';

export interface RedactionSettings {
  readonly options: RedactorOptions;
  readonly scanner: SecretScanner;
  readonly judgeKey: (key: string) => KeyKind;
  readonly modes: readonly { readonly covers: PathMatcher; readonly mode: RedactionMode }[];
  readonly secretPaths: readonly CompiledSecretPath[];
  readonly allowances: readonly { readonly covers: PathMatcher | null; readonly rule: string | undefined; readonly id: string | undefined }[];
}

export interface CompiledSecretPath {
  readonly covers: PathMatcher;
  readonly rule: string;
}

export interface KeyKind {
  /** Its value is a secret. */
  readonly isSensitive: boolean;
  /** The key itself may hold one. */
  readonly isSuspect: boolean;
}

export function redactionSettings(options: RedactorOptions): RedactionSettings {
  const scanner = createSecretScanner(options.rules ?? secretRules);
  return {
    options,
    scanner,
    judgeKey: keyJudge(scanner, options.keyPatterns ?? sensitiveKeyPatterns),
    modes: (options.modes ?? []).map(({ path, mode }) => ({ covers: pathMatcher(path), mode })),
    secretPaths: (options.secretPaths ?? []).map(compileSecretPath),
    allowances: (options.allow ?? []).map((allowance) => {
      const { path, rule, id } = typeof allowance === 'string' ? { path: allowance } : allowance;
      return { covers: path === undefined ? null : pathMatcher(path), rule, id };
    }),
  };
}

export const compileSecretPath = ({ path, rule }: SecretPath): CompiledSecretPath => ({ covers: pathMatcher(path), rule });

const rememberedKeysMax = 10_000;

/** Keys come again in event after event, so each is judged once. Long ones are not remembered: they are values in disguise. */
function keyJudge(scanner: SecretScanner, patterns: readonly string[]): (key: string) => KeyKind {
  const sensitive = new RegExp(`(?:${patterns.join('|') || '(?!)'})$`);
  const remembered = new Map<string, KeyKind>();
  // accessToken and Access-Token end like access_token.
  const wordsOf = (key: string): string => key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  const judge = (key: string): KeyKind => ({ isSensitive: sensitive.test(wordsOf(key)), isSuspect: scanner.mayHold(key) });
  return (key) => {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const kind = judge(key);
    if (remembered.size >= rememberedKeysMax) remembered.clear();
    if (key.length <= 64) remembered.set(key, kind);
    return kind;
  };
}

/** `{ password: { before, after } }`: both sides of a change are what their field is. */
export const isSideOfChange = (key: string): boolean => key === 'before' || key === 'after';

/** Texts under a sensitive key that stand for a secret instead of being one. */
export const isPlaceholder = (text: string): boolean => text === '' || /^(?:true|false|null|none|undefined|\*{1,64}|\$\{?\w{1,64}\}?|<[^<>]{0,64}>|\[redacted [^\]]{0,64}\])$/i.test(text);
