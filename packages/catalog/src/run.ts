/** What the kinds of run have in common: the families of events they take beside their own. */
import type { AnyPart, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { workPart } from './orchestration/work-part.ts';
import type { WorkFields } from './orchestration/work.ts';
import { runParts } from './run-parts/run-parts.ts';
import type { RunFields, SharedRunFields } from './run-parts/run-parts.ts';

/** The state of a kind of run with own fields `S`. */
export type RunState<S extends object> = State<S & WorkFields & RunFields>;
/** The same, where the steps are a list among the own fields. */
export type ListedRunState<S extends object> = State<S & WorkFields & SharedRunFields>;

export const partsOfARun: readonly AnyPart[] = [workPart, runParts.withStepsById, anyStream];
export const partsOfAListedRun: readonly AnyPart[] = [workPart, runParts.withStepsInList, anyStream];
