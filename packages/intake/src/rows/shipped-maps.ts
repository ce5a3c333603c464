/**
 * Maps for exports that are met often, as YAML texts to be used by name or to be copied and changed. Their CEL is compiled by
 * the caller, as that of any other map. Source: INTAKE.md, sections 13, 14 and 17.
 */

/**
 * Jira issue changelogs as Apache DevLake stores the answers of the REST API: `data` is one history, `input` names the issue by
 * number only. A history can hold several items, each of which is one event.
 */
const devlakeJiraChangelog = `
json: [data, input]
order: time
stream: "'issue/' + string(row.input.issue_id)"
key: "row.url.split('/')[2] + '|' + string(row.input.issue_id) + '|' + row.data.id"
at: row.data.created
split: row.data.items
actor: "'user:' + (has(row.data.author.displayName) && row.data.author.displayName != '' ? row.data.author.displayName : row.data.author.accountId)"
type: "item.field == 'status' ? 'jira.issue_transitioned' : 'issue.field_changed'"
data: >-
  item.field == 'status'
  ? {'from_status': item.fromString, 'to_status': item.toString, 'from': item.from, 'to': item.to}
  : {'field': item.field, 'before': item.fromString, 'after': item.toString, 'from': item.from, 'to': item.to, 'field_type': item.fieldtype}
`;

/** Issue events of the GitHub API, newest first. What changes no field of the issue is kept as it is. */
const devlakeGithubEvents = `
json: [data]
order: time
stream: "'issue/' + row.data.issue.repository_url.split('/repos/')[1] + '#' + string(row.data.issue.number)"
key: string(row.data.id)
at: row.data.created_at
actor: "row.data.actor == null ? '' : 'user:' + row.data.actor.login"
type: >-
  row.data.event in ['opened', 'closed', 'reopened', 'merged', 'assigned', 'unassigned', 'labeled', 'unlabeled', 'milestoned', 'demilestoned', 'renamed', 'locked', 'unlocked']
  ? 'issue.field_changed' : 'record.kept'
data: >-
  row.data.event in ['opened', 'closed', 'reopened', 'merged'] ? {'field': 'state', 'after': row.data.event, 'event': row.data.event}
  : row.data.event in ['assigned', 'unassigned'] ? {'field': 'assignee', 'after': row.data.event == 'assigned' ? row.data.assignee.login : null, 'before': row.data.event == 'unassigned' ? row.data.assignee.login : null, 'event': row.data.event}
  : row.data.event in ['labeled', 'unlabeled'] ? {'field': 'label:' + row.data.label.name, 'after': row.data.event == 'labeled', 'event': row.data.event}
  : row.data.event in ['milestoned', 'demilestoned'] ? {'field': 'milestone', 'after': row.data.event == 'milestoned' ? row.data.milestone.title : null, 'event': row.data.event}
  : row.data.event == 'renamed' ? {'field': 'title', 'before': row.data.rename.from, 'after': row.data.rename.to, 'event': row.data.event}
  : row.data.event in ['locked', 'unlocked'] ? {'field': 'locked', 'after': row.data.event == 'locked', 'event': row.data.event}
  : {'source_type': 'github:' + row.data.event, 'reason': 'bookkeeping', 'raw': row.data}
`;

/** GitHub Actions runs. The words for a status come in either case; a conclusion that is there wins over the status. */
const devlakeGithubRuns = `
json: [data]
order: time
stream: "'repo/' + row.data.repository.full_name"
key: "string(row.data.id) + '#' + string(row.data.run_attempt)"
at: "row.data.conclusion == null || row.data.conclusion == '' ? row.data.created_at : row.data.updated_at"
actor: "row.data.actor == null ? '' : 'user:' + row.data.actor.login"
type: >-
  row.data.conclusion == null || row.data.conclusion == '' ? 'quality_check.started'
  : row.data.conclusion.lowerAscii() in ['success', 'neutral', 'skipped'] ? 'quality_check.completed' : 'quality_check.failed'
data: >-
  row.data.conclusion == null || row.data.conclusion == ''
  ? {'check_id': 'gh:workflow_run:' + string(row.data.id) + '#' + string(row.data.run_attempt), 'check_name': row.data.name, 'target': row.data.head_sha, 'branch': row.data.head_branch, 'status': row.data.status, 'url': row.data.html_url}
  : row.data.conclusion.lowerAscii() in ['success', 'neutral', 'skipped']
  ? {'check_id': 'gh:workflow_run:' + string(row.data.id) + '#' + string(row.data.run_attempt), 'passed': true, 'conclusion': row.data.conclusion, 'status': row.data.status, 'url': row.data.html_url}
  : {'check_id': 'gh:workflow_run:' + string(row.data.id) + '#' + string(row.data.run_attempt), 'reason': row.data.conclusion, 'status': row.data.status, 'url': row.data.html_url}
start:
  when: "row.data.conclusion != null && row.data.conclusion != ''"
  type: "'quality_check.started'"
  data: "{'check_id': 'gh:workflow_run:' + string(row.data.id) + '#' + string(row.data.run_attempt), 'check_name': row.data.name, 'target': row.data.head_sha, 'branch': row.data.head_branch, 'url': row.data.html_url}"
`;

/** Jobs of GitLab pipelines. A cancelled job did not pass, and did not fail either. A finished one may never have started. */
const devlakeGitlabJobs = `
json: [data]
order: time
stream: "'repo/' + row.data.web_url.split('/-/')[0].split('/', 4)[3]"
key: string(row.data.id)
at: "row.data.status in ['success', 'failed', 'canceled', 'skipped'] ? row.data.finished_at : row.data.created_at"
actor: "row.data.user == null ? '' : 'user:' + row.data.user.username"
type: >-
  row.data.status == 'failed' ? 'quality_check.failed'
  : row.data.status in ['success', 'canceled', 'skipped'] ? 'quality_check.completed' : 'quality_check.started'
data: >-
  row.data.status == 'failed' ? {'check_id': 'gl:job:' + string(row.data.id), 'reason': 'failed', 'allow_failure': row.data.allow_failure, 'status': row.data.status, 'url': row.data.web_url}
  : row.data.status in ['success', 'canceled', 'skipped'] ? {'check_id': 'gl:job:' + string(row.data.id), 'passed': row.data.status != 'canceled', 'allow_failure': row.data.allow_failure, 'status': row.data.status, 'url': row.data.web_url}
  : {'check_id': 'gl:job:' + string(row.data.id), 'check_name': row.data.name, 'allow_failure': row.data.allow_failure, 'status': row.data.status, 'stage': row.data.stage, 'url': row.data.web_url}
start:
  when: "row.data.status in ['success', 'failed', 'canceled', 'skipped']"
  type: "'quality_check.started'"
  data: "{'check_id': 'gl:job:' + string(row.data.id), 'check_name': row.data.name, 'stage': row.data.stage, 'target': row.data.commit.id, 'branch': row.data.ref}"
`;

/** The events table of Agent Lightning, exported with its JSON columns as text. */
const agentLightningEvents = `
json: [event_data, metadata]
stream: "row.aggregate_type + '/' + row.aggregate_id"
key: row.event_id
at: row.timestamp
type: "row.event_type.contains('.') ? row.event_type : row.aggregate_type + '.' + row.event_type"
data: row.event_data
`;

/** The orchestration events table, exported with its JSON columns as text. */
const orchestrationEvents = `
json: [payload, metadata]
stream: "row.entity_type + '/' + row.entity_id"
key: row.id
at: "has(row.emitted_at) ? row.emitted_at : row.metadata.timestamp"
type: "row.event_type.startsWith('orchestration.') ? row.event_type.split('orchestration.')[1] : row.event_type"
data: row.payload
`;

/** YAML texts by name. */
export const shippedMaps = {
  'devlake-jira-changelog': devlakeJiraChangelog,
  'devlake-github-events': devlakeGithubEvents,
  'devlake-github-runs': devlakeGithubRuns,
  'devlake-gitlab-jobs': devlakeGitlabJobs,
  'agent-lightning-events': agentLightningEvents,
  'orchestration-events': orchestrationEvents,
} as const;

export type ShippedMapName = keyof typeof shippedMaps;
