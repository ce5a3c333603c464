/** The schema that is served: the given one, letter by letter, less what nothing answers. */
import { createHash } from 'node:crypto';
import { buildSchema, isInputObjectType, isObjectType, parse, print } from 'graphql';
import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { resolvers } from '../src/graphql/resolvers.ts';
import { servedSchema, textOf, unserved } from '../src/graphql/schema.ts';
import { sdl } from '../src/graphql/sdl.ts';
import { data } from './graphql-client.ts';
import { startWorld } from './server-world.ts';

const given = buildSchema(sdl);
const served = servedSchema(resolvers);

/** Document 004, lines 86 to 102, as they stand there. */
const document004 = `
type Subscription {
  jobStatusUpdated(jobId: ID!): JobStatusUpdate
  jobLogsStream(jobId: ID!): JobLogEntry
  orchestratorHealth: OrchestratorStatus
}

type JobStatusUpdate {
  jobId: ID!
  status: JobStatus!
  currentStep: String
  progress: Float
  timestamp: DateTime!
  events: [JobEvent!]!
}
`;

describe('The schema', () => {
  test('is the given one, byte for byte', () => {
    expect(createHash('sha256').update(sdl).digest('hex')).toBe('9f521af42b0218caaf601d97aa78cc07e0490bfda31c0497a41f96ad68d3c55b');
  });

  test('D-012 D-041 D-042 D-043 D-044 D-045 D-046 D-047 D-048 D-049 K-067 has the types of document 004 as they stand there', () => {
    const fieldsIn = (text: string): readonly (readonly [string, FieldDefinitionNode])[] => parse(text).definitions.flatMap((type) => ((type as ObjectTypeDefinitionNode).fields ?? []).map((field) => [`${(type as ObjectTypeDefinitionNode).name.value}.${field.name.value}`, field] as const));
    const ours = new Map(fieldsIn(textOf(served)));
    const theirs = fieldsIn(document004);
    expect(theirs).toHaveLength(9);
    for (const [name, field] of theirs) expect([name, print(ours.get(name)!)]).toEqual([name, print(field)]);
  });

  test('D-050 K-067 defines what document 004 only uses', () => {
    for (const name of ['JobStatus', 'JobLogEntry', 'OrchestratorStatus', 'DateTime', 'JobEvent', 'JobEventMetadata']) expect(served.getType(name)).toBeDefined();
  });

  test('leaves out what it says, which is all in the given one, and nothing else that can be reached', () => {
    const coordinates = new Set<string>();
    for (const type of Object.values(given.getTypeMap())) {
      if (!isObjectType(type) && !isInputObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        coordinates.add(`${type.name}.${field.name}`);
        for (const { name } of 'args' in field ? field.args : []) coordinates.add(`${type.name}.${field.name}(${name}:)`);
      }
    }
    for (const coordinate of unserved) expect([coordinate, coordinates.has(coordinate)]).toEqual([coordinate, true]);
    const gone = Object.values(given.getTypeMap()).filter(({ name }) => !name.startsWith('__') && served.getType(name) === undefined).map(({ name }) => name);
    expect(gone.toSorted()).toEqual(['ArchiveResult', 'AuditReport', 'AutomationRule', 'AutomationRuleInput', 'AutomationRun', 'Notification', 'RuleEvaluation']);
  });

  test('D-067 D-082 D-106 is told by introspection and at /schema.graphql, and has queries, mutations and subscriptions of jobs', async () => {
    const world = await startWorld();
    const { __schema } = await data(world, '{ __schema { queryType { fields { name } } mutationType { fields { name } } subscriptionType { fields { name } } } }');
    const names = (type: { readonly fields: readonly { readonly name: string }[] }): readonly string[] => type.fields.map(({ name }) => name);
    expect(names(__schema.queryType)).toEqual(expect.arrayContaining(['job', 'jobs', 'jobLogs', 'compareJobRuns']));
    expect(names(__schema.mutationType)).toEqual(expect.arrayContaining(['createJob', 'startJob', 'pauseJob', 'resumeJob', 'cancelJob', 'rerunJob']));
    expect(names(__schema.subscriptionType)).toEqual(expect.arrayContaining(['jobStatusUpdated', 'jobLogsStream', 'orchestratorHealth']));
    const { headers, text } = await world.call('/schema.graphql');
    expect([headers.get('content-type'), text]).toEqual(['application/graphql; charset=utf-8', textOf(served)]);
  });
});
