/** Every resolver, from one file per family. None has logic: each names an operation, its input, and where the answer's members go. */
import type { Resolvers } from './context.ts';
import { debugResolvers } from './resolvers/debug.ts';
import { eventResolvers } from './resolvers/events.ts';
import { jobResolvers } from './resolvers/jobs.ts';
import { replayResolvers } from './resolvers/replay.ts';
import { runResolvers } from './resolvers/runs.ts';
import { travelResolvers } from './resolvers/travel.ts';
import { workResolvers } from './resolvers/work.ts';
import { subscriptions } from './subscriptions.ts';

const families: readonly Resolvers[] = [eventResolvers, jobResolvers, travelResolvers, runResolvers, replayResolvers, workResolvers, debugResolvers, { Subscription: subscriptions }];

export const resolvers: Resolvers = families.reduce((all, family) => Object.fromEntries([...new Set([...Object.keys(all), ...Object.keys(family)])].map((type) => [type, { ...all[type], ...family[type] }])), {});
