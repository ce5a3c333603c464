/**
 * What two runs may differ in without being different: rules as data, and the normal form of a value under them. A run that
 * is done again gets other ids, other times and other temporary paths, and takes longer or shorter; none of that is news.
 */
import { emptyRecord, setOwn } from '../fold/record.ts';
import type { Json } from '../log/event.ts';
import { matchesGlob } from '../query/glob.ts';

export interface IgnoreRules {
  /** Ids that look generated and the name of the run's own stream, anywhere; at keys such as `x_id` also the ids of its entities. */
  readonly ids: boolean;
  /** RFC 3339 instants anywhere; numbers at keys such as `created_at` or `timestamp`. */
  readonly times: boolean;
  /** Hexadecimal digests of at least 32 digits anywhere; any text at keys such as `sha` or `contentHash`. */
  readonly hashes: boolean;
  /** Numbers at keys such as `duration_ms`, `elapsed_seconds`, `latencyMs`. */
  readonly durations: boolean;
  /** Paths below `/tmp` and its likes. */
  readonly temporaryPaths: boolean;
  /** Events of severity TRACE and DEBUG: progress and bookkeeping. */
  readonly noise: boolean;
  /** Globs over event types that are not compared. */
  readonly types: readonly string[];
  /** JSON pointers into a payload, `*` for any text: `/output/date`, `/usage/*`; with a type before it: `tool_call.*:/output`. */
  readonly pointers: readonly string[];
}

export const defaultIgnoreRules: IgnoreRules = { ids: true, times: true, hashes: true, durations: true, temporaryPaths: true, noise: true, types: [], pointers: [] };

/** Nothing may differ. */
export const exactRules: IgnoreRules = { ids: false, times: false, hashes: false, durations: false, temporaryPaths: false, noise: false, types: [], pointers: [] };

export interface NormalForm {
  /** The value as it is compared. Keys are sorted; what is ignored is a mark of its kind, or left out. */
  of(value: unknown, eventType: string): Json;
}

/** For values that stand alone: no run whose ids they could be. */
export const noOwnNames = (): boolean => false;

/** A stream's id shorter than this may stand in a text by chance. */
const streamIdMin = 4;

/**
 * @param isOwnId   True for ids of the run's entities.
 * @param streamId  Name of the run's stream, which its texts may mention.
 */
export function createNormalForm(rules: IgnoreRules, isOwnId: (id: string) => boolean, streamId: string | null = null): NormalForm {
  const ownStream = rules.ids && streamId !== null && streamId.length >= streamIdMin ? streamId : null;
  const pointers = rules.pointers.map((rule) => {
    const colon = rule.indexOf(':/');
    return colon < 0 ? { type: '*', pointer: rule } : { type: rule.slice(0, colon), pointer: rule.slice(colon + 1) };
  });

  return {
    of(value, eventType) {
      const globs = pointers.filter(({ type }) => matchesGlob(type, eventType)).map(({ pointer }) => pointer);
      return normal(value, '', '');

      function normal(part: unknown, key: string, path: string): Json {
        if (typeof part === 'string') return normalText(part, key);
        if (typeof part === 'number') return ignoredNumber(key) ? '<number>' : part;
        if (typeof part !== 'object' || part === null) return (part ?? null) as Json;
        if (Array.isArray(part)) return part.map((item, index) => normal(item, key, `${path}/${index}`));
        const fields = emptyRecord<Json>();
        for (const name of Object.keys(part).toSorted()) {
          const inner = (part as { readonly [key: string]: unknown })[name];
          const below = globs.length === 0 ? path : `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
          if (inner === undefined || globs.some((glob) => matchesGlob(glob, below))) continue;
          // A record may be keyed by ids.
          const field = rules.ids && name.length >= 8 && (kindOf(name).isGenerated || isOwnId(name)) ? `<id ${Object.keys(fields).length}>` : name;
          setOwn(fields, field, normal(inner, name, below));
        }
        return fields;
      }
    },
  };

  function normalText(text: string, key: string): string {
    if (rules.hashes && kindOf(key).isHash) return '<hash>';
    if (rules.ids && kindOf(key).isId && isOwnId(text)) return '<id>';
    let normalised = ownStream !== null && text.includes(ownStream) ? text.replaceAll(ownStream, '<stream>') : text;
    if (text.length < 8) return normalised;
    if (rules.times && text.includes(':')) normalised = normalised.replaceAll(instants, '<time>');
    if (rules.ids) normalised = text.length <= 128 && looksGenerated(text) ? '<id>' : normalised.replaceAll(uuids, '<id>');
    if (rules.hashes && text.length >= 32) normalised = normalised.replaceAll(digests, '<hash>');
    if (rules.temporaryPaths && text.includes('/')) normalised = normalised.replaceAll(temporaryPaths, '<path>');
    return normalised;
  }

  function ignoredNumber(key: string): boolean {
    return (rules.durations && kindOf(key).isDuration) || (rules.times && kindOf(key).isTime);
  }
}

interface KeyKind {
  readonly isId: boolean;
  readonly isHash: boolean;
  readonly isDuration: boolean;
  readonly isTime: boolean;
  readonly isGenerated: boolean;
}

/** A run has few keys and many values; what a key says is told once. Forgotten when records are keyed by ids. */
const keyKinds = new Map<string, KeyKind>();
const keyKindsMax = 10_000;

function kindOf(key: string): KeyKind {
  let kind = keyKinds.get(key);
  if (kind !== undefined) return kind;
  if (keyKinds.size >= keyKindsMax) keyKinds.clear();
  kind = { isId: idKeys.test(key), isHash: hashKeys.test(key), isDuration: durationKeys.test(key), isTime: timeKeys.test(key), isGenerated: looksGenerated(key) };
  keyKinds.set(key, kind);
  return kind;
}

// All linear: no pattern repeats what another repetition could also take.
const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const instants = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?/g;
const digests = /(?<![0-9a-f])[0-9a-f]{32,128}(?![0-9a-f])/gi;
const temporaryPaths = /(?:\/private)?(?:\/var\/folders|\/var\/tmp|\/tmp)\/[^\s"'`]+/g;
const idKeys = /(?:^id|_id|Id|^uuid|_uuid|Uuid)s?$/;
const hashKeys = /(?:^sha|_sha|Sha|^hash|_hash|Hash|^digest|_digest|Digest|sha256)$/;
const durationKeys = /duration|elapsed|latency|(?:_ms|Ms|_seconds|Seconds)$/i;
const timeKeys = /(?:^timestamp|_timestamp|Timestamp|_at|At|^time|_time|Time)$/;

/** `toolu_01Vma...`, `req_011CY2v...`, a ULID, a trace id: one word of at least 16 characters in which digits and letters change places. */
function looksGenerated(text: string): boolean {
  if (text.length < 16 || text.length > 128 || !/^[A-Za-z]{0,16}[_-]?[0-9A-Za-z-]{10,}$/.test(text)) return uuidOnly.test(text);
  return uuidOnly.test(text) || (/\d\D+\d+\D+\d/.test(text) && !text.includes('-')) || /^[0-9a-f]{16,}$/i.test(text);
}

const uuidOnly = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
