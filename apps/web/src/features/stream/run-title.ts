/** What a stream calls itself, from its state alone. Pure. */
interface StateLike {
  readonly [field: string]: unknown;
}

const textIn = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value : null);

/** The first of what kinds of stream call their name; null when it has none. */
export function titleOf(state: StateLike): string | null {
  const runs = Array.isArray(state['runs']) ? (state['runs'] as readonly unknown[]) : [];
  const newest = runs.at(-1);
  return textIn(state['title']) ?? textIn(state['name']) ?? textIn(state['goal']) ?? (typeof newest === 'object' && newest !== null && 'summary' in newest ? textIn(newest.summary) : null) ?? textIn(state['summary']) ?? firstPromptIn(state['prompts']);
}

/** A session is about what somebody asked for first. */
function firstPromptIn(prompts: unknown): string | null {
  const typed = typeof prompts === 'object' && prompts !== null ? Object.values(prompts as { readonly [id: string]: StateLike }).find(({ source }) => source === 'typed') : undefined;
  const text = textIn(typed?.['text']);
  return text === null ? null : text.slice(0, 120);
}

export const textOf = (state: StateLike, field: string): string | null => textIn(state[field]);

/** When it began and when it was over, where the state says so. */
export function spanOf(state: StateLike): { readonly startedAt: string | null; readonly endedAt: string | null } {
  const runs = Array.isArray(state['runs']) ? (state['runs'] as readonly StateLike[]) : [];
  return {
    startedAt: textIn(state['startedAt']) ?? textIn(runs[0]?.['startedAt']) ?? textIn(state['createdAt']),
    endedAt: textIn(state['endedAt']) ?? textIn(state['completedAt']) ?? textIn(runs.at(-1)?.['endedAt']),
  };
}
