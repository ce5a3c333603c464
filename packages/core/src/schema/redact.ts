/**
 * Redaction at write: no known secret enters the log in clear. It runs before anything is validated, hashed or stored, on
 * every text and every key of payload, metadata, and the other fields that hold free text.
 *
 * Most events hold no secret, so the way is two-fold. First all texts of the event are put together and one prefilter looks
 * at them once (with the walk 5 us for 1 KB, measured); the same objects come back. Only when something might be there is the
 * event walked again, text by text, with one alternation of all rules, and rebuilt around what is replaced. What is masked can be
 * recognised again (an id, keyed per log) but not recovered, and where masking happened is on record. Source: TRUST.md section 9, A-108.
 */
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import { canonicalText, isPlainObject } from '../trust/canonical.ts';
import type { Redactable, Redactor, RedactorOptions } from './redaction.ts';
import { RedactionRun } from './redaction-run.ts';
import { compileSecretPath, isPlaceholder, isSideOfChange, redactionSettings } from './redaction-settings.ts';
import type { RedactionSettings } from './redaction-settings.ts';

export { isRedacted } from './redaction.ts';
export type { Redaction, RedactionMode, Redactor, RedactorOptions } from './redaction.ts';

/**
 * Makes a redactor.
 *
 * The redactor throws LogError SENSITIVE_DATA (details: reason = rule, pointer) in mode reject, and TOO_LARGE `event` for
 * what could never be stored. Values that are not JSON are left to the canonical form, which refuses them.
 * Replacement: a whole text becomes `{"$redacted": rule, "len", "id"}`, a part of one `[redacted <rule> <id>]`.
 */
export function createRedactor(options: RedactorOptions): Redactor {
  const settings = redactionSettings(options);
  return (event, annotated = []) => {
    const secretPaths = [...settings.secretPaths, ...annotated.map(compileSecretPath)];
    try {
      if (!mayHoldSecret(event, settings) && secretPaths.length === 0) return { ...event, redactions: [] };
      return new RedactionRun(settings, secretPaths).run(event);
    } catch (error) {
      if (error instanceof LogError) throw error;
      // A cycle, or a getter that threw: no JSON. The canonical form knows how to say which.
      canonicalText(event.data);
      canonicalText(event.metadata);
      canonicalText(event.envelope ?? {});
      throw error;
    }
  };
}

/** One look at all texts of the event. */
function mayHoldSecret(event: Redactable, { judgeKey, scanner }: RedactionSettings): boolean {
  const texts: string[] = [];
  let size = 0;
  let isSuspicious = false;

  const gather = (value: unknown, isUnderSensitiveKey: boolean): void => {
    // What is far beyond the size of an event can be a few shared objects; it is refused before it is walked to its end.
    if (++size > defaultLimits.eventBytesMax * 4) throw tooLarge(size);
    if (typeof value === 'string') {
      size += value.length;
      texts.push(value);
      if (isUnderSensitiveKey && !isPlaceholder(value)) isSuspicious = true;
    } else if (Array.isArray(value)) for (const item of value) gather(item, isUnderSensitiveKey);
    else if (typeof value === 'object' && value !== null && isPlainObject(value))
      for (const key of Object.keys(value)) {
        const { isSensitive, isSuspect } = judgeKey(key);
        if (isSuspect) isSuspicious = true;
        gather((value as { readonly [key: string]: unknown })[key], isSensitive || (isUnderSensitiveKey && isSideOfChange(key)));
      }
  };
  gather(event.data, false);
  gather(event.metadata, false);
  gather(event.envelope, false);
  return isSuspicious || scanner.mayHold(texts.join('\n'));
}

const tooLarge = (size: number): LogError =>
  new LogError('TOO_LARGE', `The event is larger than ${defaultLimits.eventBytesMax} bytes.`, { details: { reason: 'event', limit: defaultLimits.eventBytesMax, size }, hint: 'Move large values to blobs.' });
