/**
 * Every default and ceiling, the unit in the name. Source: TRUST.md section 11 and the default configuration.
 * They are arguments, not constants of nature: `openLog({ limits })` overrides each.
 */
export const defaultLimits = {
  /** Canonical payload + canonical metadata of one event. */
  eventBytesMax: 1_048_576,
  blobBytesMax: 32 * 1_048_576,
  commitEventsMax: 500,
  commitBytesMax: 4 * 1_048_576,
  jsonDepthMax: 64,
  jsonKeysMax: 50_000,
  jsonKeyBytesMax: 512,
  streamAddressBytesMax: 512,
  eventTypeCharactersMax: 128,
  tagsPerEventMax: 32,
  tagBytesMax: 256,
  pageSizeDefault: 100,
  pageSizeMax: 1_000,
  filterBytesMax: 4_096,
  searchTextBytesMax: 1_024,
  expressionBytesMax: 2_048,
  expressionNodesMax: 200,
  expressionCostMax: 100_000,
  /** What the breakpoints of a debug session may cost together at one place; and so its watches. */
  debugPlaceCostMax: 400_000,
  batchCommitsMax: 256,
  batchBytesMax: 1_048_576,
  appendRetriesMax: 5,
  conflictRetriesMax: 32,
  clockSkewMsMax: 300_000,
  cachedStatesMax: 1_000,
  lineBytesMax: 32 * 1_048_576,
  redactionMilliseconds: 20,
  snapshotEveryEvents: 50,
  snapshotsKeptPerStream: 5,
  /** How long commits are collected before snapshots are made of what they left. */
  snapshotPauseMs: 250,
  /** Snapshots are made in a tenth of the time when nobody asked or appended for so long, and in a fiftieth before. */
  snapshotQuietMs: 100,
  /** A state whose JSON is larger is not kept; it is folded when somebody asks. */
  snapshotBytesMax: 4 * 1_048_576,
  /** States kept at growing distances, so that any place of a long stream is near one; count and bytes per stream. */
  keyframesPerStreamMax: 512,
  keyframeBytesPerStreamMax: 64 * 1_048_576,
  /** The smallest distance of those in memory, how many of one stream, and their bytes over all streams. */
  keyframeEveryEvents: 1_024,
  keyframesHeldPerStreamMax: 1_024,
  keyframeBytesMax: 128 * 1_048_576,
  /** Values along streams that are kept between questions: from how many events on, and what they may take over all streams. */
  columnLeastEvents: 1_024,
  columnBytesMax: 64 * 1_048_576,
  /** How many of the events of one stream, and as many of its states; a record in a state that gains more keys is a table of things. */
  columnsPerStreamMax: 2_048,
  columnKeysGainedMax: 12,
  /** How long the work of a process that was killed lies still before another one on the same log takes it over. */
  leaseMs: 10_000,
  queryTimeoutMs: 10_000,
  /** What followers are given at one time. */
  followPageEventsMax: 128,
  /** What they add up to, as far as the size of those before tells. */
  followPageBytesAim: 262_144,
  /** The newest events, and bytes of their bodies, that all followers of a process share. */
  followWindowEventsMax: 2_048,
  followWindowBytesMax: 4 * 1_048_576,
  /** How often health is looked at for who follows it, and told though nothing changed. */
  healthCheckMs: 1_000,
  healthHeartbeatMs: 5_000,
  /** A scan lets others have their turn after so long. */
  scanTurnMs: 10,
  /** How often a debug session is looked at for who follows it. */
  debugSessionCheckMs: 100,
  debugSessionsMax: 50,
  debugSessionIdleMs: 3_600_000,
  /** Breakpoints and watches of one session, each. */
  debugExpressionsMax: 200,
  /** Of one note in a debug session, in UTF-16 code units. */
  debugNoteCharactersMax: 4_000,
  /** Visited events and log lines that a session keeps, each; older ones are counted and dropped. */
  debugVisitsMax: 10_000,
  replayEventsMax: 200_000,
  replayHandlerTimeoutMs: 60_000,
  /** Executions under way at once in one process. */
  replayRunsMax: 4,
  /** Event types that users register in one log: the versions of all of them together, and one schema as canonical JSON. */
  registeredSchemasMax: 1_000,
  schemaBytesMax: 65_536,
  /** Exports under way at once in one process. */
  exportsMax: 2,
} as const;

export type Limits = { readonly [K in keyof typeof defaultLimits]: number };
