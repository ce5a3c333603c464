/** What a run consists of, read from its state as far as the state has it: a kind of run that is new here shows what it shares with others. Pure. */
interface Fields {
  readonly [field: string]: unknown;
}

export interface Part {
  readonly key: string;
  readonly name: string;
  readonly status: string;
  readonly durationMs: number | null;
  readonly detail: string | null;
  readonly quality: number | null;
  readonly model: string | null;
  readonly tokens: number | null;
  readonly attempt: number | null;
}

const partsMax = 200;

/** @param field  `phases`, `agentRuns`, `gaps`: a map or a list of things with a status. */
export function partsOf(state: Fields, field: string): readonly Part[] {
  const held = state[field];
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(held) ? held.map((value, index) => [String(index), value]) : typeof held === 'object' && held !== null ? Object.entries(held) : [];
  return entries.slice(0, partsMax).flatMap(([key, value]) => (typeof value === 'object' && value !== null ? [partOf(key, value as Fields)] : []));
}

function partOf(key: string, fields: Fields): Part {
  const seconds = numberIn(fields['durationSeconds']);
  const tokens = [numberIn(fields['tokensInput']), numberIn(fields['tokensOutput'])];
  const error = fields['error'];
  return {
    key,
    name: textIn(fields['name']) ?? textIn(fields['agentName']) ?? textIn(fields['suite']) ?? textIn(fields['message']) ?? textIn(fields['id']) ?? key,
    status: textIn(fields['status']) ?? (fields['passed'] === false ? 'failed' : 'unknown'),
    durationMs: numberIn(fields['durationMs']) ?? (seconds === null ? null : seconds * 1_000),
    detail: messageIn(error) ?? textIn(fields['description']) ?? textIn(fields['task']) ?? textIn(fields['reason']),
    quality: numberIn(fields['qualityScore']) ?? numberIn(fields['score']),
    model: textIn(fields['model']),
    tokens: tokens.every((count) => count === null) ? null : tokens.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    attempt: numberIn(fields['attempt']),
  };
}

const textIn = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberIn = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const messageIn = (value: unknown): string | null => (typeof value === 'object' && value !== null && 'message' in value ? textIn(value.message) : textIn(value));
