/** The default store and the documents' functions over it: `import { logEvent, queryEvents } from '@refold/sdk'` (B-048). */
import { projectAgentMetrics as project } from '@refold/catalog';
import { EventStore } from './event-store.ts';

/** `REFOLD_STORE`, else `sqlite:.refold/log.db`; opened on first use. */
export const eventStore = new EventStore();

export const createEvent: EventStore['createEvent'] = (event) => eventStore.createEvent(event);
export const logEvent: EventStore['logEvent'] = (event) => eventStore.logEvent(event);
export const queryEvents: EventStore['queryEvents'] = (filter, page) => eventStore.queryEvents(filter, page);
// An overloaded method keeps its overloads only when it is bound whole.
export const reconstructState: EventStore['reconstructState'] = eventStore.reconstructState.bind(eventStore);
export const timeTravelQuery: EventStore['timeTravelQuery'] = eventStore.timeTravelQuery.bind(eventStore);
export const projectAgentMetrics: EventStore['projectAgentMetrics'] = project;
// The same overloads as the method: document 002's walk and document 000's replay.
export const replayEvents: EventStore['replayEvents'] = eventStore.replayEvents.bind(eventStore);
export const createCheckpoint: EventStore['createCheckpoint'] = (request) => eventStore.createCheckpoint(request);
export const listCheckpoints: EventStore['listCheckpoints'] = (stream) => eventStore.listCheckpoints(stream);
export const restoreCheckpoint: EventStore['restoreCheckpoint'] = (request) => eventStore.restoreCheckpoint(request);
