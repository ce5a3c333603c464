/** Sprints and tasks (document 003). */
import { createSprint, createTask, deleteSprint, deleteTask, getSprint, getTask, listSprints, listTasks, updateSprint, updateTask } from '@refold/operations';
import type { Resolver, Resolvers } from '../context.ts';
import { given, orNull, pageOf } from './arguments.ts';
import { historyOf } from './travel.ts';

interface WorkObject {
  readonly streamType: string;
  readonly streamId: string;
  readonly state: { readonly [field: string]: unknown };
}

const ofState = (...fields: readonly string[]): { readonly [field: string]: Resolver } => Object.fromEntries(fields.map((field) => [field, ({ state }: WorkObject) => state[field]]));

const work = {
  code: ({ streamId }: WorkObject) => streamId,
  history: ({ streamType, streamId }: WorkObject, range, context) => historyOf(context, streamType, streamId, range),
} satisfies { readonly [field: string]: Resolver };

export const workResolvers: Resolvers = {
  Query: {
    sprint: (_, { code }, context) => orNull(context.call(getSprint, { code })),
    sprints: async (_, { status, page }, context) => (await context.call(listSprints, { ...given({ status }), ...pageOf(page) })).items,
    task: (_, { code }, context) => orNull(context.call(getTask, { code })),
    tasks: async (_, { sprintCode, status, page }, context) => (await context.call(listTasks, { ...given({ sprint: sprintCode, status }), ...pageOf(page) })).items,
  },
  Mutation: {
    createSprint: (_, { code, ...args }, context) => context.call(createSprint, { sprintCode: code, ...given(args) }),
    updateSprint: (_, args, context) => context.call(updateSprint, given(args)),
    async deleteSprint(_, args, context) {
      await context.call(deleteSprint, given(args));
      return true;
    },
    createTask: (_, { code, ...args }, context) => context.call(createTask, { taskCode: code, ...given(args) }),
    updateTask: (_, { assigneeId, ...args }, context) => context.call(updateTask, given({ ...args, assignee: assigneeId })),
    async deleteTask(_, args, context) {
      await context.call(deleteTask, given(args));
      return true;
    },
  },
  Sprint: {
    ...work,
    ...ofState('status', 'name', 'progress', 'metadata', 'correlationId'),
    tasks: async ({ streamId }: WorkObject, _args, context) => (await context.call(listTasks, { sprint: streamId, limit: tasksShown })).items,
  },
  Task: {
    ...work,
    ...ofState('status', 'title', 'priority', 'progress', 'assignee', 'correlationId'),
    sprint: ({ state: { sprintCode } }: WorkObject, _args, context) => (typeof sprintCode === 'string' ? orNull(context.call(getSprint, { code: sprintCode })) : null),
  },
};

/** Of a sprint, whose tasks the schema does not page. */
const tasksShown = 1_000;
