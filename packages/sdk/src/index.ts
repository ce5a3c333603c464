/** Refold in a Node process. */
export { openStore } from './open.ts';
export type { OpenOptions, OpenedStore } from './open.ts';
export { EventStore } from './event-store.ts';
export type { EventStoreOptions, StreamAddress, StreamRef } from './store-session.ts';
export type { AppendOptions, EventDraft, EventStream, HistoryQuery, NewEvent, ReconstructStateOptions, TimeTravelQuery, TimeTravelView } from './store-types.ts';
export type { DocumentedEvent } from './documented-event.ts';
export type { EventFilter, PageOptions } from './event-filter.ts';
export { EventPage } from './event-page.ts';
export type { EventScope } from './event-scope.ts';
export { createEvent, eventStore, logEvent, projectAgentMetrics, queryEvents, reconstructState, timeTravelQuery } from './default-store.ts';
export { EventReplayDebugger, eventReplayDebugger } from './event-replay-debugger.ts';
export type { StartReplayOptions } from './event-replay-debugger.ts';
export { currentContext, parseActor, withContext } from './context.ts';
export type { WorkContext } from './context.ts';
export { toSnakeNaming } from './snake-naming.ts';
export type { SnakeCase, SnakeNamed } from './snake-naming.ts';
export { createNodePorts, createPooledRandomness, nodeHasher, systemClock, timeOrderedIds } from './node-ports.ts';
export { version } from './version.ts';
