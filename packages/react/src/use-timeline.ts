/** Spans and points of the events a filter asks for, in lanes. */
import type { InputOf, OutputOf } from '@refold/client';
import { useAnswer } from './use-answer.ts';
import type { Answer } from './use-answer.ts';

/** @param filter  For example `{ issueKey: 'PROJ-123' }`. A new object with the same contents is the same filter. */
export const useTimeline = (filter: InputOf<'timeline'>): Answer<OutputOf<'timeline'>> => useAnswer('timeline', filter);
