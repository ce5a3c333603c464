/** System records: ends of turns, stop hooks, compactions, errors of the API. */
import type { JsonObject } from '@refold/core';
import { known, listIn, numberIn, objectIn, textIn, without, wordIn } from '../json-shape.ts';
import { envelopeKeys } from './message.ts';
import { inThread, tool } from './record-context.ts';
import type { Mapping, RecordContext } from './record-context.ts';
import { endTurn } from './turn.ts';

export const mapSystem: Mapping = (context) => {
  const { record } = context;
  switch (record.subtype) {
    case 'turn_duration':
      endTurn(context, 'turn.completed', known({ duration_ms: numberIn(record.durationMs) }), 0);
      return restOf(record, ['durationMs']);
    case 'stop_hook_summary':
      return mapStopSummary(context);
    case 'compact_boundary':
    case 'microcompact_boundary':
      return mapCompaction(context);
    case 'api_error':
      return mapApiError(context);
    default:
      return null;
  }
};

const restOf = (record: JsonObject, used: readonly string[]): JsonObject | undefined => without(record, [...envelopeKeys, 'subtype', ...used]);

/** The stop hooks are a check that only reports its result; unless a duration follows, they also say that the turn is over. */
function mapStopSummary(context: RecordContext): JsonObject | undefined {
  const { record, commit, next, nativeId } = context;
  const id = `stop_hook:${wordIn(record.toolUseID) ?? nativeId}`;
  const errors = (listIn(record.hookErrors) ?? []).map((error) => (typeof error === 'string' ? error : JSON.stringify(error)));
  const prevented = record.preventedContinuation === true;
  commit.add('start', inThread(context, { type: 'quality_check.started', data: { check_id: id, check_name: 'stop hooks' }, actor: tool, derived: 'implicit start' }));
  if (errors.length > 0 || prevented) {
    const reason = errors.join('\n') || wordIn(record.stopReason) || 'a stop hook prevented the agent from going on';
    commit.add(0, inThread(context, { type: 'quality_check.failed', data: { check_id: id, reason }, actor: tool }));
  } else commit.add(0, inThread(context, { type: 'quality_check.completed', data: { check_id: id, passed: true }, actor: tool }));
  if (!(next?.type === 'system' && next.subtype === 'turn_duration')) endTurn(context, 'turn.completed', {}, 'turn');
  return restOf(record, []);
}

function mapCompaction(context: RecordContext): JsonObject | undefined {
  const { record, commit } = context;
  const facts = objectIn(record.compactMetadata) ?? objectIn(record.microcompactMetadata) ?? {};
  const data = known({ trigger: wordIn(facts.trigger), pre_tokens: numberIn(facts.preTokens), micro: record.subtype === 'microcompact_boundary' ? true : undefined });
  commit.add(0, inThread(context, { type: 'context.compacted', data, actor: tool }));
  return restOf(record, []);
}

function mapApiError(context: RecordContext): JsonObject | undefined {
  const { record, commit, nativeId } = context;
  const id = `api_error:${nativeId}`;
  const cause = objectIn(record.error);
  const status = numberIn(cause?.status);
  const message = textIn(cause?.message) ?? textIn(record.content) ?? (status === undefined ? 'API error' : `API error ${status}`);
  const errorEvent = commit.add(0, inThread(context, { type: 'error.occurred', data: known({ error_id: id, message, code: status === undefined ? undefined : String(status) }), actor: tool }));
  const retry = known({ error_id: id, strategy: 'retry', attempt: numberIn(record.retryAttempt), max_attempts: numberIn(record.maxRetries), retry_in_ms: numberIn(record.retryInMs) });
  commit.add('retry', inThread(context, { type: 'recovery.attempted', data: retry, actor: tool, causationId: errorEvent }));
  return restOf(record, ['retryAttempt', 'maxRetries', 'retryInMs']);
}
