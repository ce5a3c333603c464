/**
 * The schema as it was given, letter by letter: the types of document 004 with its names and nullability, and everything else
 * that Refold can be asked. What of it is served is in schema.ts.
 */
export const sdl = `scalar DateTime   # RFC 3339 UTC, 3 fraction digits
scalar JSON
scalar ExpectedRevision   # Int (0 = no stream) or "any" | "none" | "exists"

# ---------- doc 004 types, names and nullability verbatim ----------
enum JobStatus { PENDING RUNNING PAUSED COMPLETED FAILED CANCELLED }            # [D-050]
enum LogLevel { TRACE DEBUG INFO WARN ERROR FATAL }
enum HealthState { HEALTHY DEGRADED UNHEALTHY }

type JobEventMetadata { traceId: String userId: String version: String! }       # [D-038…040]
type JobEvent {                                                                   # [D-032…040]
  id: ID! jobId: ID! eventType: String! eventData: JSON! timestamp: DateTime! sequence: Int! metadata: JobEventMetadata!
}
type JobStatusUpdate {                                                            # [D-044…049]
  jobId: ID! status: JobStatus! currentStep: String progress: Float timestamp: DateTime! events: [JobEvent!]!
}
type JobLogEntry { jobId: ID! sequence: Int! level: LogLevel! message: String! step: String source: String timestamp: DateTime! traceId: String }  # [D-042, D-050]
type OrchestratorStatus {                                                         # [D-043, D-114]
  state: HealthState! timestamp: DateTime! version: String! uptimeSeconds: Float! storeDriver: String! storeReachable: Boolean!
  eventsTotal: Float! eventsPerMinute: Float! publishP95Ms: Float! publishFailures: Int! spooledEvents: Int! runningJobs: Int! pausedJobs: Int!
  activeSubscriptions: Int! projectionLag: Int! firingAlerts: [Alert!]! instances: Int! integrity: IntegritySummary!
}
type IntegritySummary { treeHead: TreeHead lastVerifiedAt: DateTime verified: Boolean }
type TreeHead { size: Float! root: String! signedAt: DateTime! keyId: String! note: String! }   # signed Merkle root of the log, TRUST.md

# ---------- canonical envelope ----------
enum Priority { P0 P1 P2 P3 }
enum ActorType { user agent service system unknown }
type Actor { type: ActorType! id: String! model: String name: String }
type EntityRef { type: String! id: String! rel: String }
type Change { field: String! before: JSON after: JSON }
type Trace { traceId: String! spanId: String url: String }
type Git { sha: String branch: String codebaseState: JSON }
type Event {
  id: ID! type: String! schemaVersion: String! streamType: String! streamId: String! revision: Int! position: Float!   # position: safe integer, gapless; Float because Int is 32 bit
  entityType: String! entityId: String! refs: [EntityRef!]! occurredAt: DateTime! recordedAt: DateTime! actor: Actor! serviceName: String
  correlationId: String! correlationChain: [String!]! causationId: ID sessionId: String issueKey: String phase: String agent: String
  data: JSON! changes: [Change!]! metadata: JSON! priority: Priority! severity: LogLevel! git: Git trace: Trace prevHash: String! hash: String! archivedAt: DateTime
  cause: Event effects(first: Int = 50): [Event!]!
  "Name of the type in one of the documents' vocabularies: jira | agentLightning | orchestration | job"
  alias(dialect: String!): String
}
type PageInfo { endCursor: String hasNextPage: Boolean! }
type EventConnection { nodes: [Event!]! pageInfo: PageInfo! totalCount: Int }
enum SortOrder { ASC DESC }
input EventFilter {                                                               # [A-009…012, A-210…213, B-051…055, C-038…042]
  ids: [ID!] types: [String!] categories: [String!] streamType: String streamId: String entityType: String entityId: String entityChain: EntityRefInput
  issueKey: String sessionId: String phase: String agent: String actorId: String actorType: ActorType serviceName: String correlationId: String causationId: ID
  from: DateTime to: DateTime fromRevision: Int toRevision: Int afterPosition: Float priorities: [Priority!] minSeverity: LogLevel traceId: String text: String includeArchived: Boolean = false
}
input EntityRefInput { type: String! id: ID! }
input PageInput { first: Int = 100 after: String offset: Int order: SortOrder = ASC }

# ---------- jobs ----------
enum StepStatus { PENDING RUNNING COMPLETED FAILED }
type JobStep { name: String! index: Int! status: StepStatus! attempt: Int! endedAt: DateTime durationMs: Float error: JSON }
type JobComponent { name: String! status: String! iteration: Int! model: String tokensInput: Int! tokensOutput: Int! lastVerdict: String }
type Job {
  id: ID! name: String status: JobStatus! currentStep: String progress: Float! params: JSON! input: JSON steps: [JobStep!]! components: [JobComponent!]! attempt: Int! revision: Int!
  createdAt: DateTime! startedAt: DateTime endedAt: DateTime result: JSON error: JSON rerunOf: Job reruns: [Job!]!
  events(filter: EventFilter, page: PageInput): EventConnection! jobEvents(afterSequence: Int = 0, first: Int = 100): [JobEvent!]! logs(afterLine: Int = 0, first: Int = 500): [JobLogEntry!]!
  stateAt(at: DateTime, revision: Int): JSON!                              # [D-055]
}
type JobConnection { nodes: [Job!]! pageInfo: PageInfo! totalCount: Int }
input JobFilter { status: [JobStatus!] name: String from: DateTime to: DateTime rerunOf: ID text: String }
input CreateJobInput { id: ID name: String input: JSON params: JSON steps: [JSON!] start: Boolean = false correlationId: String }
input RerunJobInput { jobId: ID! params: JSON input: JSON fromRevision: Int fromStep: String dryRun: Boolean = false reason: String }
type RunComparison { steps: [JSON!]! totals: [JSON!]! firstDivergence: Divergence }   # [D-058]

# ---------- state, time travel, replay ----------
type StateView { streamType: String! streamId: String! revision: Int! asOf: DateTime state: JSON! fromSnapshot: Int eventsFolded: Int! stateHash: String! }
type StateSummary { currentPhase: String activeAgents: [String!]! completedPhases: [String!]! status: String }
type TimeTravel { queryTimestamp: DateTime! state: JSON! surroundingEvents: [Event!]! stateSummary: StateSummary! timeline: [TimelineRow!]! } # [A-016…023]
type HistoryPoint { at: DateTime! revision: Int! event: Event! changes: [Change!]! state: JSON }
type Patch { op: String! path: String! before: JSON after: JSON }
type Divergence { atRevision: Int path: String expected: JSON actual: JSON eventId: ID reason: String! }
type ForkResult { base: StateView! variant: StateView! diff: [Patch!]! rejected: [JSON!]! }
input ForkInput { streamType: String! streamId: ID! at: DateTime fromRevision: Int insert: [JSON!] omit: [ID!] replace: [JSON!] lenient: Boolean = false }
enum ReplayMode { DRY_RUN EXECUTE }
enum ReplayPurpose { RECOVERY TESTING ANALYSIS DEBUGGING }
enum ReplayStatus { RUNNING COMPLETED FAILED CANCELLED }
input ReplayInput { streamType: String streamId: ID issueKey: String correlationId: String fromSequence: Int toSequence: Int filter: EventFilter mode: ReplayMode = DRY_RUN purpose: ReplayPurpose = RECOVERY allowTypes: [String!] preconditions: [String!] params: JSON stopOnError: Boolean = true }
type ReplayStep { event: Event! action: String! reason: String result: JSON producedEventIds: [ID!]! divergence: Divergence }
type ReplayRun { id: ID! mode: ReplayMode! purpose: ReplayPurpose! status: ReplayStatus! target: EntityRef! replayed: Int! skipped: Int! failed: Int! divergences: [Divergence!]! steps(first: Int = 100, after: Int = 0): [ReplayStep!]! startedAt: DateTime! endedAt: DateTime finalState: JSON }
type ChainViolation { code: String! eventId: ID streamType: String streamId: String revision: Int detail: String! }
type ChainReport { ok: Boolean! checked: Int! violations: [ChainViolation!]! }
type Checkpoint { id: ID! issueKey: String! sequence: Int! label: String stateHash: String! createdAt: DateTime! restoredCount: Int! }
type Snapshot { streamType: String! streamId: String! revision: Int! lastEventId: ID! reducerVersion: String! schemaVersion: String! createdAt: DateTime! expiresAt: DateTime sizeBytes: Int! compressed: Boolean! sha256: String! valid: Boolean pinned: Boolean! }

# ---------- aggregation ----------
type TimelineRow { at: DateTime! until: DateTime lane: String! label: String! kind: String! eventId: ID status: String }
type Count { key: String! count: Int! }
type Bucket { start: DateTime! count: Int! }
type Stats { total: Int! byType: [Count!]! byActor: [Count!]! byStreamType: [Count!]! byPriority: [Count!]! byDate: [Count!]! buckets: [Bucket!]! from: DateTime to: DateTime }
type AgentMetric { agentName: String! spawnedAt: DateTime completedAt: DateTime durationSeconds: Float status: String! qualityScore: Float runs: Int! failures: Int! blocked: Int! tokensInput: Int! tokensOutput: Int! }

# ---------- domain (docs 000-003) ----------
type Orchestration { issueKey: ID! status: String! summary: StateSummary! state: JSON! checkpoints: [Checkpoint!]! agentMetrics: [AgentMetric!]! revision: Int! }
type Sprint { code: ID! status: String! name: String progress: Float! metadata: JSON! tasks: [Task!]! history(from: DateTime, to: DateTime, withState: Boolean = true): [HistoryPoint!]! revision: Int! correlationId: String! }
type Task { code: ID! status: String! title: String priority: Priority! progress: Float! sprint: Sprint assignee: Actor history(from: DateTime, to: DateTime, withState: Boolean = true): [HistoryPoint!]! revision: Int! correlationId: String! }
type Stream { type: String! id: ID! revision: Int! events(page: PageInput): EventConnection! state(at: DateTime, revision: Int): StateView! snapshots: [Snapshot!]! }

# ---------- automation, alerts ----------
type AutomationRule { id: ID! name: String! enabled: Boolean! dryRun: Boolean! on: [String!]! when: String actions: [JSON!]! ruleVersion: Int! source: String! runs(first: Int = 20): [AutomationRun!]! }
type AutomationRun { id: ID! ruleId: ID! triggerEventId: ID! dryRun: Boolean! status: String! actions: [JSON!]! at: DateTime! undoable: Boolean! }
type RuleEvaluation { rule: AutomationRule! matched: Boolean! reason: String! plannedActions: [JSON!]! }
input AutomationRuleInput { id: ID! name: String on: [String!]! when: String actions: [JSON!]! enabled: Boolean = true dryRun: Boolean = false priority: Int = 100 cooldown: String }
type Notification { id: ID! title: String! body: String audience: [String!]! status: String! about: EntityRef at: DateTime! }
type Alert { id: ID! name: String! severity: String! status: String! summary: String about: EntityRef raisedAt: DateTime! resolvedAt: DateTime acknowledgedBy: Actor }

# ---------- debugger ----------
enum DebugState { IDLE RUNNING PAUSED STEPPING STOPPED COMPLETED ERROR }
type Breakpoint { id: ID! eventType: String condition: String enabled: Boolean! hits: Int! }
type Watch { id: ID! expression: String! value: JSON error: String }
type DebugTimelineEntry { index: Int! event: Event! at: DateTime! breakpointIds: [ID!]! watches: JSON! }
type DebugSession { id: ID! state: DebugState! aggregateId: String! streamType: String! fromRevision: Int! revision: Int! total: Int! currentEvent: Event currentState: JSON breakpoints: [Breakpoint!]! watches: [Watch!]! timeline(first: Int = 200, after: Int = 0): [DebugTimelineEntry!]! }

# ---------- admin ----------
type EventTypeInfo { type: String! category: String! streamType: String! aliases: JSON! schemaVersions: [String!]! schema: JSON! priority: Priority! severity: LogLevel! replayClass: String! broadcast: Boolean! description: String! }
type AuditReport { id: ID! format: String! path: String! url: String! from: DateTime to: DateTime issueKey: String eventCount: Int! sha256: String! createdAt: DateTime! }
type IntegrityReport { ok: Boolean! checkedEvents: Int! firstBadPosition: Float firstBadEventId: ID violations: [ChainViolation!]! treeHead: TreeHead notCovered: Int! }
type ArchiveResult { dryRun: Boolean! archived: Int! deleted: Int! kept: Int! cutoff: DateTime! target: String! }

type Query {
  job(id: ID!): Job                                                                # [D-082]
  jobs(filter: JobFilter, page: PageInput): JobConnection!
  compareJobRuns(jobIds: [ID!]!): RunComparison!                                   # [D-058]
  jobLogs(jobId: ID!, afterLine: Int = 0, first: Int = 500): [JobLogEntry!]!
  orchestratorStatus: OrchestratorStatus!                                          # [D-114]
  event(id: ID!): Event                                                            # [A-210]
  events(filter: EventFilter, page: PageInput): EventConnection!                   # [A-009…012, B-051…055, C-038…042]
  eventChain(correlationId: String!, page: PageInput): EventConnection!            # [C-038, C-081]
  causeTree(eventId: ID!, direction: String = "both", depth: Int = 20): [Event!]!  # [A-068, A-192]
  stream(type: String!, id: ID!): Stream                                           # [B-023…026]
  state(type: String!, id: ID!, at: DateTime, recordedAt: DateTime, revision: Int, position: Float, useSnapshot: Boolean = true): StateView!  # [A-013…015, C-049]
  timeTravel(issueKey: ID, type: String, id: ID, at: DateTime!, window: Int = 5): TimeTravel!      # [A-016…023]
  stateHistory(type: String!, id: ID!, from: DateTime, to: DateTime, withState: Boolean = false, page: PageInput): [HistoryPoint!]! # [A-200, C-052, C-053]
  stateDiff(type: String!, id: ID!, fromRevision: Int, toRevision: Int, from: DateTime, to: DateTime): [Patch!]!   # [A-200]
  divergence(type: String!, id: ID!, againstStreamId: ID, againstReplay: ID): [Divergence!]!        # [A-201, D-057]
  fork(input: ForkInput!): ForkResult!                                             # what-if in memory [A-202]
  validateChain(correlationId: String!): ChainReport!                              # [C-050, C-083]
  verifyIntegrity(streamType: String, streamId: ID, fromPosition: Float, toPosition: Float): IntegrityReport!  # [A-150]
  timeline(filter: EventFilter, bucket: String): [TimelineRow!]!                   # [C-045]
  stats(filter: EventFilter, bucket: String = "hour"): Stats!                      # [B-134…137, C-046, C-086]
  agentMetrics(filter: EventFilter): [AgentMetric!]!                               # [A-069…075]
  orchestration(issueKey: ID!): Orchestration
  sprint(code: ID!): Sprint
  sprints(status: String, page: PageInput): [Sprint!]!
  task(code: ID!): Task
  tasks(sprintCode: ID, status: String, page: PageInput): [Task!]!
  checkpoints(issueKey: ID!): [Checkpoint!]!                                       # [A-082]
  snapshots(type: String!, id: ID!): [Snapshot!]!                                  # [A-214…218]
  replayRun(id: ID!): ReplayRun
  replayRuns(page: PageInput): [ReplayRun!]!
  rules: [AutomationRule!]!                                                        # [C-034…037]
  evaluateRules(eventId: ID, event: JSON): [RuleEvaluation!]!                      # [C-036, C-098]
  automationRuns(ruleId: ID, page: PageInput): [AutomationRun!]!
  alerts(status: String): [Alert!]!                                                # [B-138…141, D-074]
  notifications(status: String, page: PageInput): [Notification!]!
  debugSession(id: ID!): DebugSession                                              # [B-067, B-080]
  debugSessions: [DebugSession!]!
  eventTypes(category: String, text: String): [EventTypeInfo!]!                    # [A-193…195, B-160]
  auditReports(page: PageInput): [AuditReport!]!
}

type Mutation {
  createJob(input: CreateJobInput!): Job!                                          # [D-082]
  startJob(jobId: ID!): Job!
  pauseJob(jobId: ID!, reason: String): Job!
  resumeJob(jobId: ID!, reason: String, fromStep: String): Job!                    # [D-100]
  cancelJob(jobId: ID!, reason: String): Job!
  rerunJob(input: RerunJobInput!): Job!                                            # [D-056, D-093]
  appendEvents(streamType: String!, streamId: ID!, events: [JSON!]!, expectedRevision: ExpectedRevision): [Event!]!   # [B-014, B-129]
  logEvent(type: String!, data: JSON!, actor: JSON, issueKey: String, sessionId: String, correlationId: String, causationId: ID): Event!  # [A-005]
  replayEvents(input: ReplayInput!): ReplayRun!                                    # [A-024…026, C-048, C-051]
  cancelReplay(id: ID!): ReplayRun!
  restoreCheckpoint(issueKey: ID!, checkpointId: ID!, reason: String): StateView!  # [A-084]
  createCheckpoint(issueKey: ID!, label: String): Checkpoint!
  createSnapshot(type: String!, id: ID!): Snapshot!                                # [A-144]
  collectSnapshots: Int!                                                           # [A-218]
  createSprint(code: ID!, name: String, goal: String, status: String, metadata: JSON): Sprint!   # [C-010]
  updateSprint(code: ID!, status: String, name: String, goal: String, metadata: JSON, expectedRevision: ExpectedRevision): Sprint!
  deleteSprint(code: ID!, reason: String): Boolean!
  createTask(code: ID!, sprintCode: ID, title: String, priority: Priority, phase: Int, estimate: String): Task!
  updateTask(code: ID!, status: String, priority: Priority, progress: Float, assigneeId: ID, title: String, reason: String, expectedRevision: ExpectedRevision): Task!
  deleteTask(code: ID!, reason: String): Boolean!
  registerRule(rule: AutomationRuleInput!): AutomationRule!                        # [C-035]
  setRuleEnabled(id: ID!, enabled: Boolean!): AutomationRule!
  removeRule(id: ID!): Boolean!
  executeAction(action: JSON!, context: JSON!, dryRun: Boolean = false): AutomationRun!   # [C-037]
  undoAutomation(runId: ID!, reason: String!): AutomationRun!                      # [C-099]
  acknowledgeAlert(id: ID!, note: String): Alert!
  resolveAlert(id: ID!, reason: String): Alert!
  startDebugSession(aggregateId: ID!, streamType: String, fromRevision: Int = 1): DebugSession!   # [B-058…070, B-072…085]
  debugControl(id: ID!, action: String!, count: Int = 1): DebugSession!            # action: pause|resume|step|stop|restart|seek
  addBreakpoint(id: ID!, eventType: String, condition: String): Breakpoint!
  removeBreakpoint(id: ID!, breakpointId: ID!): Boolean!
  addWatch(id: ID!, expression: String!): Watch!
  removeWatch(id: ID!, watchId: ID!): Boolean!
  archiveEvents(olderThan: String = "90d", dryRun: Boolean = false): ArchiveResult!   # [C-060…065]
  generateAuditReport(issueKey: ID, from: DateTime, to: DateTime, format: String = "html", groupBy: [String!]): AuditReport!  # [A-027…029]
  registerEventType(type: String!, schemaVersion: String!, schema: JSON!, options: JSON): EventTypeInfo!  # [B-160]
}

type Subscription {
  jobStatusUpdated(jobId: ID!): JobStatusUpdate                                    # [D-041]
  jobLogsStream(jobId: ID!): JobLogEntry                                           # [D-042]
  orchestratorHealth: OrchestratorStatus                                           # [D-043]
  eventAppended(filter: EventFilter, afterPosition: Float): Event                  # [B-159, C-028]
  stateUpdated(type: String!, id: ID!): StateView
  statsUpdated(filter: EventFilter, bucket: String = "minute"): Stats              # [B-159]
  replayProgress(id: ID!): ReplayRun
  debugSessionUpdated(id: ID!): DebugSession                                       # [B-162]
  automationRun(ruleId: ID): AutomationRun
  alertUpdated: Alert                                                              # [D-074]
  notificationCreated(audience: String): Notification
}
`;
