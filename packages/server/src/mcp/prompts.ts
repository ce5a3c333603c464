/** The documents' recipes as prompts: which tools to call, in which order. The texts are constants; an argument stands in quotes. */
import { LogError } from '@refold/core';

export interface Prompt {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly { readonly name: string; readonly description: string; readonly required: boolean }[];
  text(given: { readonly [name: string]: string }): string;
}

const issueKey = { name: 'issue_key', description: 'Key of the issue whose orchestration it is, for example PROJ-123.', required: true };
const quoted = (text: string | undefined): string => JSON.stringify(text ?? '');

export const prompts: readonly Prompt[] = [
  {
    name: 'debug_failed_orchestration',
    description: 'Find out why an orchestration failed, and what to do about it.',
    arguments: [issueKey],
    text: ({ issue_key: key }) =>
      `Find out why the orchestration of the issue ${quoted(key)} failed.\n1. blame with issue_key: the first bad event and its chain.\n2. get_event and trace_cause for that event.\n3. diff_state from the revision before it to its own.\n4. reconstruct_state at the end: status, last error, what was under way.\n5. coverage: what was not recorded, and so cannot be known.\nSay which event was the first bad one (with its place), what is recorded and what you infer, and what would recover the run.`,
  },
  {
    name: 'track_agent_performance',
    description: 'Compare what agents did: durations, failures, quality, tokens.',
    arguments: [{ name: 'from', description: 'First instant, RFC 3339; default the beginning.', required: false }],
    text: ({ from }) =>
      `Report how the agents performed${from === undefined ? '' : ` since ${quoted(from)}`}.\n1. project_agent_metrics${from === undefined ? '' : ' with from_timestamp'}.\n2. For the agent with most failures: query_events with agent and event_types ["agent_run.failed"].\n3. event_stats for the totals.\nGive a table of agents, and name the events that each remark rests on.`,
  },
  {
    name: 'recover_from_failure',
    description: 'Choose a checkpoint to go back to, and plan what would be done again.',
    arguments: [issueKey],
    text: ({ issue_key: key }) =>
      `Plan the recovery of the orchestration of the issue ${quoted(key)}. Change nothing.\n1. blame with issue_key: the first bad event.\n2. list_checkpoints: the newest one before it.\n3. diff_state from the checkpoint to the end.\n4. replay_events with issue_key and from_sequence after the checkpoint: what would be done again, what must not be, and why.\nGive the plan, and the command for a person: refold checkpoint restore, then refold replay.`,
  },
  {
    name: 'compliance_report',
    description: 'Say what was done in a time, by whom, and how far the record of it can be trusted.',
    arguments: [
      { name: 'from', description: 'First instant, RFC 3339.', required: true },
      { name: 'to', description: 'Last instant, RFC 3339.', required: true },
    ],
    text: ({ from, to }) =>
      `Report what was done from ${quoted(from)} to ${quoted(to)}, for somebody who has to answer for it.\n1. event_stats with from_timestamp and to_timestamp: how much, by type, actor and day.\n2. list_runs: which runs fall into the time, and how each ended.\n3. query_events with from_timestamp, to_timestamp and event_types ["decision.recorded", "error.occurred", "recovery.*"]: what was decided, what failed, what was done about it.\n4. coverage for each of these runs: what was not recorded.\n5. verify_integrity: whether the record is what was written.\nGive a table of the runs, name the event that each statement rests on, and say plainly what is not recorded. It is no signed report.`,
  },
  {
    name: 'find_missing_events',
    description: 'Find out which events of an issue are missing, and why.',
    arguments: [issueKey, { name: 'expected', description: 'How many events somebody expects.', required: false }],
    text: ({ issue_key: key, expected }) =>
      `Find out which events of the issue ${quoted(key)} are missing${expected === undefined ? '' : `; ${quoted(expected)} are expected`}.\n1. doctor with issue_key${expected === undefined ? '' : ' and expect'}.\n2. coverage with issue_key: gaps, ends and parents that are not there.\n3. validate_event_chain for the correlation_id of the run's first event (query_events).\n4. verify_integrity with stream.\nSay what is missing, where, and whether it was never recorded or does not verify.`,
  },
];

/** @throws LogError NOT_FOUND `prompt`; BAD_REQUEST for an argument that is missing or unknown. */
export function promptText(name: string, given: { readonly [argument: string]: string }): { readonly prompt: Prompt; readonly text: string } {
  const prompt = prompts.find((candidate) => candidate.name === name);
  if (prompt === undefined) throw new LogError('NOT_FOUND', 'There is no such prompt.', { details: { reason: 'prompt' }, hint: `There are ${prompts.map((candidate) => candidate.name).join(', ')}.` });
  const missing = prompt.arguments.find((argument) => argument.required && (given[argument.name] ?? '') === '');
  if (missing !== undefined) throw new LogError('BAD_REQUEST', `${name} needs ${missing.name}.`, { details: { reason: missing.name }, hint: missing.description });
  const unknown = Object.keys(given).find((argument) => !prompt.arguments.some((known) => known.name === argument));
  if (unknown !== undefined) throw new LogError('BAD_REQUEST', `${name} has no argument of this name.`, { details: { reason: 'unknown_parameter' }, hint: `There are: ${prompt.arguments.map((argument) => argument.name).join(', ')}.` });
  return { prompt, text: prompt.text(given) };
}
