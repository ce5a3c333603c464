/** Which of the five colours an event has; what it is exactly is said by its word and glyph (UI.md section 10). */
export const families = ['flow', 'agent', 'model', 'effect', 'quality', 'neutral'] as const;
export type Family = (typeof families)[number];

const byName: readonly (readonly [pattern: RegExp, family: Family])[] = [
  [/^(?:llm|model|planner|coder|critique|context|prompt|turn|message)/, 'model'],
  [/^(?:agent|handoff|human|subagent)/, 'agent'],
  [/^(?:tool|git|jira|document|file|commit|pull|branch|repo|command|code|artifact|deployment)/, 'effect'],
  [/^(?:quality|test|gap|decision|review|approval|validation|critique|error|finding)/, 'quality'],
  [/^(?:orchestration|workflow|job|phase|step|session|sprint|task|checkpoint|rollout|execution|trace|attempt|activity|span|spec)/, 'flow'],
];

/** @param category  A category of the log, or an event's type: what stands before its first dot decides. */
export function familyOf(category: string | null | undefined): Family {
  const name = (category ?? '').toLowerCase();
  return byName.find(([pattern]) => pattern.test(name))?.[1] ?? 'neutral';
}
