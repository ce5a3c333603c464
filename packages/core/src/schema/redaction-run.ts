/** One event on its way through redaction, once something in it looks like a secret. */
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import { encodeUtf8, hexOf } from '../log/bytes.ts';
import type { Json, JsonObject } from '../log/event.ts';
import type { Clock } from '../ports.ts';
import { canonicalText, isPlainArray, isPlainObject } from '../trust/canonical.ts';
import { pointerOf } from '../trust/json-pointer.ts';
import { isRedacted } from './redaction.ts';
import type { Redactable, Redacted, Redaction, RedactionMode } from './redaction.ts';
import { isPlaceholder, isSideOfChange } from './redaction-settings.ts';
import type { CompiledSecretPath, RedactionSettings } from './redaction-settings.ts';
import type { SecretHit } from './secret-scanner.ts';

/** Walks the parts of an event, rebuilds what changes and gives back the rest as it is. */
export class RedactionRun {
  private readonly settings: RedactionSettings;
  private readonly secretPaths: readonly CompiledSecretPath[];
  private readonly isOver: () => boolean;
  /** The way to the value, by its true keys; `shown` has masked ones. */
  private readonly path: (string | number)[] = [];
  private readonly shown: (string | number)[] = [];
  private readonly redactions: Redaction[] = [];
  /** A whole text that is masked stays a text. */
  private keepsTexts = false;

  constructor(settings: RedactionSettings, secretPaths: readonly CompiledSecretPath[]) {
    const { clock, milliseconds = defaultLimits.redactionMilliseconds } = settings.options;
    this.settings = settings;
    this.secretPaths = secretPaths;
    this.isOver = clock === undefined ? () => false : createBudget(clock, milliseconds);
  }

  run(event: Redactable): Redacted {
    const data = this.within('data', 'data', () => this.redact(event.data, false)) as JsonObject;
    const metadata = this.within('metadata', 'metadata', () => this.redact(event.metadata, false)) as JsonObject;
    if (event.envelope === undefined) return { data, metadata, redactions: this.redactions };
    this.keepsTexts = true;
    const envelope = this.redact(event.envelope, false) as JsonObject;
    return { data, metadata, envelope, redactions: this.redactions };
  }

  private redact(value: unknown, isUnderSensitiveKey: boolean): unknown {
    if (value === null || value === undefined || isRedacted(value)) return value;
    const secretPath = this.secretPaths.find(({ covers }) => covers(this.path));
    if (secretPath !== undefined) return this.redactWhole(value, secretPath.rule);
    if (typeof value === 'string') return this.redactText(value, isUnderSensitiveKey);
    if (typeof value !== 'object') return value;
    if (Array.isArray(value)) return isPlainArray(value) ? this.redactArray(value, isUnderSensitiveKey) : value;
    return isPlainObject(value) ? this.redactObject(value as { readonly [key: string]: unknown }, isUnderSensitiveKey) : value;
  }

  private redactArray(items: readonly unknown[], isUnderSensitiveKey: boolean): readonly unknown[] {
    const redacted = items.map((item, index) => this.within(index, index, () => this.redact(item, isUnderSensitiveKey)));
    return redacted.some((item, index) => item !== items[index]) ? redacted : items;
  }

  private redactObject(object: { readonly [key: string]: unknown }, isUnderSensitiveKey: boolean): object {
    const members: [string, unknown][] = [];
    const names = new Set<string>();
    let isChanged = false;
    for (const [key, value] of Object.entries(object)) {
      const { isSensitive, isSuspect } = this.settings.judgeKey(key);
      const name = freeName(isSuspect ? this.within(key, '…', () => this.redactKey(key)) : key, names);
      const redacted = this.within(key, name, () => this.redact(value, isSensitive || (isUnderSensitiveKey && isSideOfChange(key))));
      members.push([name, redacted]);
      names.add(name);
      isChanged ||= name !== key || redacted !== value;
    }
    return isChanged ? Object.fromEntries(members) : object;
  }

  private redactKey(key: string): string {
    const hits = this.allowed(key, this.settings.scanner.find(key, () => false) ?? []);
    return this.answer(hits, key, () => this.masked(key, hits));
  }

  private redactText(text: string, isUnderSensitiveKey: boolean): Json {
    // The first look is one pass over the text and as fast as reading it: what it clears is kept, however late it is.
    const { scanner } = this.settings;
    const found = !scanner.mayHold(text) ? [] : this.isOver() ? null : scanner.find(text, this.isOver);
    if (found === null) return this.withheld(text);
    const isWhole = found.length === 1 && found[0]!.from === 0 && found[0]!.to === text.length;
    const hits = this.allowed(text, isUnderSensitiveKey && !isWhole && !isPlaceholder(text) ? [{ rule: 'sensitive-key', from: 0, to: text.length }] : found);
    const [hit] = hits;
    if (hit !== undefined && hit.from === 0 && hit.to === text.length) return this.answer(hits, text, () => this.replacement(hit.rule, text));
    return this.answer(hits, text, () => this.masked(text, hits));
  }

  private redactWhole(value: unknown, rule: string): unknown {
    const text = typeof value === 'string' ? value : canonicalText(value);
    const hits = this.allowed(text, [{ rule, from: 0, to: text.length }]);
    return this.answer<unknown>(hits, value, () => this.replacement(rule, text));
  }

  /** What the mode of this place makes of hits: the value itself, its mask, or a refusal. */
  private answer<T>(hits: readonly SecretHit[], value: T, mask: () => T): T {
    const [first] = hits;
    const mode = first === undefined ? 'off' : this.modeHere();
    if (first === undefined || mode === 'off') return value;
    if (mode === 'reject') throw sensitive(first.rule, pointerOf(this.shown));
    this.note(hits, mode === 'flag');
    return mode === 'flag' ? value : mask();
  }

  private note(hits: readonly SecretHit[], kept: boolean): void {
    const pointer = pointerOf(this.shown);
    for (const rule of new Set(hits.map((hit) => hit.rule))) {
      const count = hits.filter((hit) => hit.rule === rule).length;
      this.redactions.push({ rule, pointer, count, ...(kept ? { kept: true } : {}) });
    }
  }

  /** Never stored unscanned, and the event is not lost: the text is, and that is on record. */
  private withheld(text: string): Json {
    const hits = [{ rule: 'timeout', from: 0, to: text.length }];
    const bytes = encodeUtf8(text).length;
    return this.answer<Json>(hits, text, () => (this.keepsTexts ? `[redacted timeout ${bytes} bytes]` : { $redacted: 'timeout', bytes }));
  }

  private masked(text: string, hits: readonly SecretHit[]): string {
    let masked = '';
    let from = 0;
    for (const hit of hits) {
      masked += `${text.slice(from, hit.from)}[redacted ${hit.rule} ${this.idOf(text.slice(hit.from, hit.to))}]`;
      from = hit.to;
    }
    return masked + text.slice(from);
  }

  private replacement(rule: string, secret: string): Json {
    return this.keepsTexts ? `[redacted ${rule} ${this.idOf(secret)}]` : { $redacted: rule, len: secret.length, id: this.idOf(secret) };
  }

  /** The same secret has the same id all over this log, and nobody without the log's key can test a guess. */
  private idOf(secret: string): string {
    const { hasher, key } = this.settings.options;
    return hexOf(hasher.hmacSha256(key, encodeUtf8(secret)).subarray(0, 4));
  }

  private allowed(text: string, hits: readonly SecretHit[]): readonly SecretHit[] {
    const { allowances } = this.settings;
    if (allowances.length === 0) return hits;
    return hits.filter(
      (hit) => !allowances.some(({ covers, rule, id }) => (covers === null || covers(this.path)) && (rule === undefined || rule === hit.rule) && (id === undefined || id === this.idOf(text.slice(hit.from, hit.to)))),
    );
  }

  private modeHere(): RedactionMode {
    return this.settings.modes.find(({ covers }) => covers(this.path))?.mode ?? this.settings.options.mode ?? 'mask';
  }

  private within<T>(step: string | number, shown: string | number, work: () => T): T {
    this.path.push(step);
    this.shown.push(shown);
    const result = work();
    this.path.pop();
    this.shown.pop();
    return result;
  }
}

/**
 * Whether the time for an event is used up. What is withheld is lost for good, so only work counts: waiting for a processor
 * is none (the clock tells), and a long pause of the collector in the middle of a short scan is forgiven once.
 */
function createBudget(clock: Pick<Clock, 'worked'>, milliseconds: number): () => boolean {
  let end = clock.worked() + milliseconds;
  let isForgiven = false;
  return () => {
    const worked = clock.worked();
    if (worked <= end) return false;
    if (isForgiven) return true;
    isForgiven = true;
    end = worked + milliseconds;
    return false;
  };
}

/** Two keys may look the same once masked; neither value is lost for it. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  while (taken.has(free)) free += '~';
  return free;
}

const sensitive = (rule: string, pointer: string): LogError =>
  new LogError('SENSITIVE_DATA', `A secret (${rule}) stands at ${pointer}.`, { details: { reason: rule, pointer }, hint: 'Take it out, or allow the place in privacy.allow_paths if it is no secret.' });
