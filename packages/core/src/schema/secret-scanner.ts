/** Finds known secrets in a text: one prefilter that is almost always enough, then one alternation of all rules. */
import type { SecretRule } from './secret-rules.ts';

/** A secret at `[from, to)` of a text, without what the rule keeps. */
export interface SecretHit {
  readonly rule: string;
  readonly from: number;
  readonly to: number;
}

export interface SecretScanner {
  /** False is certain; true only means that `find` must look. */
  mayHold(text: string): boolean;
  /** The secrets in order, none overlapping; null when `isOver` said so before the text was read to its end. */
  find(text: string, isOver: () => boolean): readonly SecretHit[] | null;
}

export function createSecretScanner(rules: readonly SecretRule[]): SecretScanner {
  // Rules of one place in the alternation have one capture group each, so a group's number is the rule's.
  const ordered = [...rules.filter((rule) => rule.anywhere !== true), ...rules.filter((rule) => rule.anywhere === true)];
  const prefilter = new RegExp(joined(rules, (rule) => rule.hint) || '(?!)');
  const alternation = new RegExp(joined(rules, (rule) => `(${rule.pattern})`) || '(?!)', 'g');

  function find(text: string, isOver: () => boolean): readonly SecretHit[] | null {
    const hits: SecretHit[] = [];
    for (const match of text.matchAll(alternation)) {
      if (isOver()) return null;
      const rule = ordered[match.slice(1).findIndex((group) => group !== undefined)]!;
      const from = match.index + (rule.keeps?.exec(match[0])?.[0].length ?? 0);
      const to = match.index + match[0].length;
      hits.push(...(rule.isGeneric === true ? named(text, rule, from, to) : [{ rule: rule.name, from, to }]));
    }
    return isOver() ? null : hits;
  }

  /** `token=ghp_...` is found by its left side first; the right side has the better name. */
  function named(text: string, rule: SecretRule, from: number, to: number): readonly SecretHit[] {
    const better = find(text.slice(from, to), () => false) ?? [];
    if (better.length === 0) return [{ rule: rule.name, from, to }];
    return better.map((hit) => ({ rule: hit.rule, from: from + hit.from, to: from + hit.to }));
  }

  return { mayHold: (text) => prefilter.test(text), find };
}

/** Sources that start at a word boundary first, behind one boundary check, then the others. */
function joined(rules: readonly SecretRule[], sourceOf: (rule: SecretRule) => string): string {
  const words = rules.filter((rule) => rule.anywhere !== true).map(sourceOf);
  const others = rules.filter((rule) => rule.anywhere === true).map(sourceOf);
  return [...(words.length === 0 ? [] : [`\\b(?:${words.join('|')})`]), ...others].join('|');
}
