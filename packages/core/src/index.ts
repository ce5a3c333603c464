/** The public surface of the core, by name. */
export { LogError, errorCodes, isLogError } from './errors.ts';
export type { ErrorCode, ErrorDetails, LogErrorOptions } from './errors.ts';
export { defaultLimits } from './limits.ts';
export { createPace } from './pace.ts';
export type { Pace } from './pace.ts';
export type { Limits } from './limits.ts';
export type { Clock, Gzip, Hasher, IdSource, Packer, Ports, Randomness } from './ports.ts';
export { labelOf, metrics } from './metering.ts';
export type { LabelsOf, Meter, Metric, MetricName } from './metering.ts';
export { codeOf, traced } from './tracing.ts';
export type { Span, SpanAttributes, SpanOptions, Tracer } from './tracing.ts';
export { formatTraceparent, parseTraceparent } from './log/traceparent.ts';

// The log: port, envelope, places, the way of a write.
export type { AppendResult, Capabilities, Check, Commit, FailedCheck, Head, Instant, Linker, LogDriver, NewEvent, Page, Position, Query, ReadRequest, Recorded, Revision, StreamInfo, StreamsRequest } from './log/driver.ts';
export { actorTypes, priorities, severities, zeroHash } from './log/event.ts';
export type { Actor, ActorType, Change, EntityRef, EventEnvelope, EventInput, ExpectedRevision, GitContext, Json, JsonObject, Priority, Severity, TraceContext } from './log/event.ts';
export type { AppendReceipt, AppendRequest, AppendedEvent } from './log/append.ts';
export { conflict, holds, readExpectations } from './log/expectations.ts';
export { openLog } from './log/log.ts';
export type { AppendReport } from './log/append-report.ts';
export type { EventPage } from './log/event-page.ts';
export type { Log, LogOptions } from './log/log.ts';
export type { ReplayLog } from './replay/record.ts';
export type { LogIdentity } from './log/identity.ts';
export { decodeUtf8, encodeUtf8, hexOf, uuidFromDigest } from './log/bytes.ts';
export { assertCommit, commitIdBytesMax, digestBytes, refuseTooLarge } from './log/commit-limits.ts';
export type { CommitLimits } from './log/commit-limits.ts';
export { blobsIn, createBlobs } from './log/blobs.ts';
export type { BlobRef, Blobs } from './log/blobs.ts';
export { createConsumer } from './log/consumer.ts';
export type { Consumer, ConsumerOptions } from './log/consumer.ts';
export type { Residue } from './log/followed-page.ts';
export { compareInstants, instantMs, normalInstant, parseInstant } from './log/instant.ts';
export { formatPlace, formatStreamAddress, parsePlace, parsePlaceSuffix, parseStreamAddress, streamNotFound } from './log/place.ts';
export type { Place, StreamAddress } from './log/place.ts';
export { matchesQuery } from './log/query-match.ts';
export type { Pseudonym } from './log/pseudonym.ts';
export { envelopeOf } from './log/record.ts';
export { pair, tagFor, tagsOf, unregisteredTag } from './log/tags.ts';
export { createWatchSignal } from './log/watch-signal.ts';
export type { WatchSignal } from './log/watch-signal.ts';

// Schemas: registry, gates, old payloads.
export { createRegistry, nearest } from './schema/registry.ts';
export type { EventType, Registry, RegistryInput } from './schema/registry.ts';
export { refuseReservedFields, validateEvent } from './schema/validate.ts';
export type { ValidateOptions, Violation as GateViolation } from './schema/validate.ts';
export { compareVersions, isVersion, upcast } from './schema/upcast.ts';
export { createRedactor } from './schema/redact.ts';
export { isRedacted } from './schema/redact.ts';
export type { Redaction, RedactionMode, Redactor, RedactorOptions } from './schema/redact.ts';

// Folding: aggregates, states, snapshots.
export { defineAggregate, definePart } from './fold/aggregate.ts';
export type { AggregateDefinition, Anomaly, AnomalyCode, AnyAggregate, AnyEventDefinition, AnyPart, EffectClass, EventDefinition, FoldEvent, PartDefinition, Refusal, SettledKeys, State, StateBase, TimelineHint, Transition } from './fold/aggregate.ts';
export { createFold } from './fold/fold.ts';
export type { Fold, FoldOptions } from './fold/fold.ts';
export type { IllegalVerdict, LegalVerdict, Verdict } from './fold/verdict.ts';
export { emptyRecord, getOwn, recordKey, removeOwn, setOwn } from './fold/record.ts';
export { absent, changeAt, parsePointer, valueAt } from './fold/pointer.ts';
export { createKeyframeIndex } from './fold/keyframe-index.ts';
export type { KeyframeIndex } from './fold/keyframe-index.ts';
export { createKeyframes } from './fold/keyframes.ts';
export type { KeyframeLimits, Keyframes } from './fold/keyframes.ts';
export { createStepper } from './fold/stepper.ts';
export type { Stepper } from './fold/stepper.ts';
export { stateHash } from './fold/state-hash.ts';
export { applyPatches, diff } from './fold/diff.ts';
export type { Patch } from './fold/diff.ts';
export { createSnapshots } from './fold/snapshot.ts';
export { createSnapshotConsumer } from './fold/snapshot-consumer.ts';
export type { SnapshotConsumerOptions, SnapshotConsumerParts, UnfoldableStream } from './fold/snapshot-consumer.ts';
export type { SnapshotFailure, SnapshotKeeping, SnapshotReport } from './fold/snapshot-keeper.ts';
export type { SnapshotInfo } from './fold/snapshot-record.ts';
export type { CollectOptions, IgnoredSnapshot, Snapshot, SnapshotFault, SnapshotParts, SnapshotVerification, Snapshots } from './fold/snapshot.ts';

// Questions: filters, pages, views over events.
export { filterParameters, pageParameters, parseFilter } from './query/filter.ts';
export type { Filter, ParseFilterOptions } from './query/filter.ts';
export { compileFilter } from './query/compile-filter.ts';
export type { CompiledFilter } from './query/compile-filter.ts';
export { categoryOf, matches, testsOf } from './query/match.ts';
export type { EventTest } from './query/match.ts';
export { createCursorCodec, fillPage, parsePage, questionOf } from './query/page.ts';
export type { CursorCodec, Page as ListPage, PageRequest } from './query/page.ts';
export { causeTree } from './query/cause.ts';
export type { CauseSource, CauseTree, EffectNode } from './query/cause.ts';
export { validateChain } from './query/chain.ts';
export type { ChainReport, ChainSource, Violation } from './query/chain.ts';
export { entityChain } from './query/entity-chain.ts';
export { statsOf } from './query/stats.ts';
export type { Stats } from './query/stats.ts';
export { timelineOf } from './query/timeline.ts';
export type { Timeline, TimelineRow } from './query/timeline.ts';
export { openWorkOf } from './query/open-work.ts';
export type { OpenWork, WorkEvent } from './query/open-work.ts';
export { createMemorySearch, searchableText } from './query/fulltext.ts';
export type { SearchEntry, SearchIndex, SearchOptions } from './query/search.ts';

// Travel: states at places, histories, differences, who set what.
export { eventsOf, reconstruct } from './travel/reconstruct.ts';
export type { ReconstructOptions, Reconstruction, TravelParts } from './travel/reconstruct.ts';
export { history } from './travel/history.ts';
export type { HistoryEntry, HistoryOptions, HistoryPage } from './travel/history.ts';
export { diffPlaces } from './travel/diff-places.ts';
export type { PlaceInStream, PlacesDiff } from './travel/diff-places.ts';
export { summariseState, timeTravel } from './travel/time-travel.ts';
export type { StateSummary, TimeTravelResult } from './travel/time-travel.ts';
export { provenance } from './travel/provenance.ts';
export type { Provenance, ProvenanceEvent } from './travel/provenance.ts';
export { eventAt, readerOver } from './travel/stream-reader.ts';
export { cutAt } from './travel/cut.ts';
export type { Cut } from './travel/cut.ts';
export { factsOf } from './travel/facts.ts';
export type { StreamRange, StreamReader } from './travel/stream-reader.ts';
export { verifyRecords, verifyStream } from './trust/verify.ts';
export type { Finding, NotChecked, VerifyOptions, VerifyReport } from './trust/verify.ts';
export { createLod, idleMsMax, lodAxes, lodPxMax } from './travel/lod.ts';
export type { Lod, LodAxis, LodBucket, LodRequest, LodWindow } from './travel/lod.ts';
export { createMarks, waitMsMin } from './travel/marks.ts';
export type { Mark, Marks, MarksWindow } from './travel/marks.ts';
export { createColumnIndex } from './travel/column-index.ts';
export type { ColumnIndex } from './travel/column-index.ts';
export { createTimeIndexes } from './travel/time-index.ts';
export type { TimeIndexes } from './travel/time-index.ts';

// Debug: a session over one stream, its breakpoints, watches, script, export.
export { createDebugger } from './debug/create-debugger.ts';
export type { Debugger, DebuggerOptions, DebuggerParts, DebugInfo, DebugStop, StepOptions, StopReason } from './debug/debugger.ts';
export type { LogLine } from './debug/breakpoint-set.ts';
export { allowedControls } from './debug/debug-state.ts';
export type { DebugControl, DebugState } from './debug/debug-state.ts';
export type { BreakpointInput, BreakpointView } from './debug/breakpoint.ts';
export type { WatchValue } from './debug/watch.ts';
export type { DebugTimelineEntry, TimelinePage } from './debug/visits.ts';
export { createDebugSessions } from './debug/session.ts';
export type { DebugSessionRow, DebugSessions, DebugSessionsOptions } from './debug/session.ts';
export { forkSession } from './debug/fork-session.ts';
export type { ForkedSession, ForkSessionOptions } from './debug/fork-session.ts';
export { exportSession, importSession } from './debug/export.ts';
export type { DebugExport, ExportOptions } from './debug/export.ts';
export { regressionScript, regressionTestSource, watchedFacts } from './debug/regression-test.ts';
export type { RegressionTestOptions, WatchedFact } from './debug/regression-test.ts';
export { parseCommand, parseScript } from './debug/script.ts';
export type { DebugCommand, ScriptLine } from './debug/script.ts';
export { runCommand, runScript } from './debug/run-script.ts';
export type { CommandResult, ScriptOutcome, ScriptStep } from './debug/run-script.ts';

// Replay: what may be done again, a plan of it, doing it, and running it anew with other parameters.
export { effectLetters, effectOf } from './replay/effect.ts';
export { planReplay } from './replay/plan.ts';
export type { Environment, PlannedAction, PlannedStep, PlanOptions, ReplayPlan, SkipReason } from './replay/plan.ts';
export { replayHandlers } from './replay/handler.ts';
export type { HandlerOutcome, ReplayContext, ReplayHandler, ReplayHandlers } from './replay/handler.ts';
export { celPrecondition, chainValid, checkpointExists, gitShaMatches, handlerAvailable, stateMatches, streamUnchanged } from './replay/precondition.ts';
export type { Precondition, PreconditionAnswer, PreconditionQuestion } from './replay/precondition.ts';
export { dryRun } from './replay/dry-run.ts';
export type { DryRunOptions } from './replay/dry-run.ts';
export { executeReplay } from './replay/execute.ts';
export type { ExecuteOptions } from './replay/execute-options.ts';
export type { ReplayAction, ReplayDivergence, ReplayMode, ReplayPurpose, ReplayReason, ReplayReport, ReplayStep } from './replay/report.ts';
export { mergeParameters, setParameters } from './replay/rerun.ts';
export type { ChangedParameters } from './replay/rerun.ts';

// Questions over history: when, what if, where do runs part, which event was first bad, what was not seen.
export { flips } from './travel/flips.ts';
export type { Flip, FlipValue, FlipsOptions } from './travel/flip.ts';
export type { FlipKind, FlipsSummary, Truth } from './travel/truth-tally.ts';
export { bisect } from './travel/bisect.ts';
export type { BisectOptions, BisectResult, Probe, Verdict as BisectVerdict } from './travel/bisect.ts';
export { fork } from './travel/fork.ts';
export type { Consequence, ForkOptions, ForkResult, RejectedEdit } from './travel/fork.ts';
export type { Edit, EditPlace, WhatIfEvent } from './travel/edit.ts';
export { divergence } from './travel/divergence.ts';
export type { Divergence, DivergenceKind, DivergenceOptions, DivergenceReason, DivergenceReport, DivergenceSide } from './travel/divergence.ts';
export { stateDivergence } from './travel/state-divergence.ts';
export type { StateDivergenceOptions, StateDivergenceReport } from './travel/state-divergence.ts';
export { defaultIgnoreRules } from './travel/ignore-rules.ts';
export type { IgnoreRules } from './travel/ignore-rules.ts';
export { blame, firstBadRevision } from './travel/blame.ts';
export type { Basis, Blame, BlameEdge, BlameOptions, Suspect, TargetReason } from './travel/blame.ts';
export type { BlameEvent, Link } from './travel/ancestor.ts';
export { coverage } from './travel/coverage.ts';
export type { Coverage, CoverageOptions, GapEvent } from './travel/coverage.ts';
export type { Gaps } from './travel/gaps.ts';
export type { ClockReport } from './travel/clock-watch.ts';
export type { Disagreement, ProducerReport, SequenceHole } from './travel/producer-watch.ts';

// Expressions: CEL, once.
export { compileExpression } from './expression/expression.ts';
export type { Evaluation, Expression, ExpressionOptions } from './expression/expression.ts';
export { scopeNames } from './expression/scope.ts';
export type { ExpressionValues, ScopeName } from './expression/scope.ts';

// Trust: canonical bytes, leaves, chain, tree.
export { canonicalBytes, canonicalise, canonicalText, stateJsonLimits } from './trust/canonical.ts';
export type { Canonical, CanonicalOptions, JsonLimits } from './trust/canonical.ts';
export { parseJson } from './trust/parse-json.ts';
export { base64Of, bytesOfBase64 } from './trust/base64.ts';
export { parseStrictJson, parseStrictText, readStrictJson } from './trust/strict-json.ts';
export type { StrictJson, StrictJsonOptions } from './trust/strict-json.ts';
export { splitJsonValues } from './trust/split-json.ts';
export { pointerOf } from './trust/json-pointer.ts';
export { decodeBody, encodeBody, encodeErasedBody, sliceBody } from './trust/body.ts';
export type { BodyParts, Commitments, DecodedBody, Salts, SlicedBody } from './trust/body.ts';
export { commitmentsOf, createLinker, leafFieldsOf, leafHash, leafText } from './trust/leaf.ts';
export type { LeafFields, LeafLinker } from './trust/leaf.ts';
export { addLeaf, createNodeStore, emptyFrontier, nodeHash, rootOf, rootOfLeaves } from './trust/tree.ts';
export type { Frontier, NodeStore, TreeNodes } from './trust/tree.ts';
export { consistencyPath, holdsConsistency, holdsInclusion, inclusionPath } from './trust/proof.ts';
export type { Consistency, Inclusion } from './trust/proof.ts';
export { formatNote, formatTreeHead, parseNote, parseTreeHead } from './trust/note.ts';
export type { Note, NoteSignature, TreeHead } from './trust/note.ts';
