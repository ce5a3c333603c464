/**
 * The types of event that a story tells: what begins and ends, what fails and what is done about it, what people and agents decide.
 * The rest (tool calls that went well, messages, progress, bookkeeping) is in the list of events.
 */
export const significantTypes: readonly string[] = [
  'orchestration.*', 'session.started', 'session.ended', 'session.resumed', 'workflow.*', 'job.created', 'job.started', 'job.paused', 'job.resumed', 'job.completed', 'job.failed', 'job.cancelled', 'job.rerun', 'rollout.*', 'execution.*', 'trace.*', 'task.*', 'sprint.*',
  'phase.*', 'step.*', 'attempt.*', 'turn.completed', 'turn.interrupted', 'turn.failed', 'prompt.submitted',
  'agent_run.*', 'handoff.*', 'gap.*', 'quality_check.completed', 'quality_check.failed', 'test_run.completed', 'test_run.failed', 'decision.*', 'approval.*',
  'error.*', 'recovery.*', 'checkpoint.*', 'git.*', 'jira.*', 'confluence_page.*', 'documentation.*',
  '*.failed', '*.blocked', '*.denied', '*.cancelled', '*.timed_out',
];
