/** Every format that Refold reads, by the name that stands after `refold import`. */
import type { DialectName, Dialects } from '@refold/catalog';
import { translateClaudeCode } from './claude-code/translate.ts';
import { createDialectTranslator } from './dialects/translate.ts';
import { isJsonLines, isRowForm, isTemporalHistory, isTranscript } from './recognise.ts';
import { looksLikeCsv } from './rows/csv.ts';
import { createRowTranslator } from './rows/translate.ts';
import type { Producer } from './source.ts';
import { translateTemporal } from './temporal/translate.ts';

/** In the order in which they are asked: the special before the general. */
export function createProducers(dialects: Dialects): readonly Producer[] {
  const translate = createDialectTranslator(dialects);
  const rows = (name: string, form: DialectName, doc: string): Producer => ({ name, recognises: isRowForm(dialects, form), translate, doc });
  return [
    { name: 'claude-code', recognises: isTranscript, translate: translateClaudeCode, doc: 'Claude Code transcripts: session files, their sub-agents, the web export.' },
    { name: 'temporal', recognises: isTemporalHistory, translate: translateTemporal, doc: 'Temporal workflow histories: documents of events, or one event per line.' },
    rows('cloudevents', 'cloudevents', 'CloudEvents 1.0 and 0.3, one JSON event per line, or one document.'),
    rows('jira', 'jira', "Lines of the orchestrator's own log: PascalCase types, snake_case fields; also its directory of days and issues."),
    rows('agent-lightning', 'agentLightning', 'Rows of the Agent Lightning events table.'),
    rows('orchestration', 'orchestration', 'Rows of the orchestration events table.'),
    rows('job-events', 'job', 'Job events, camelCase.'),
    { name: 'csv', recognises: looksLikeCsv, translate: createRowTranslator(null, 'csv'), doc: 'CSV with a header: one custom event for each row, or what a map says.' },
    { name: 'jsonl', recognises: isJsonLines, translate: createRowTranslator(null), doc: 'Any JSON lines: one custom event for each row, or what a map says.' },
  ];
}

/**
 * The producer of a file.
 *
 * @param head  The first bytes, at least one whole record where it fits.
 * @returns     null when nobody knows the format.
 */
export const recognise = (producers: readonly Producer[], name: string, head: Uint8Array): Producer | null => producers.find((producer) => producer.recognises(head, name)) ?? null;
