/**
 * The schema that is served: the given one, less what nothing here can answer. A field that could only fail would be a promise;
 * so it is left out, with every type that only it led to, and introspection tells the truth.
 */
import { buildASTSchema, isObjectType, parse, printSchema, visit } from 'graphql';
import type { DefinitionNode, DocumentNode, FieldDefinitionNode, GraphQLObjectType, GraphQLSchema, InputValueDefinitionNode, TypeDefinitionNode, TypeNode } from 'graphql';
import type { Resolvers } from './context.ts';
import { sdl } from './sdl.ts';

/** By coordinate, as GraphQL writes them: `Type.field`, `Type.field(argument:)`. */
export const unserved: ReadonlySet<string> = new Set([
  // Rules, notifications, reports and archiving have no operation.
  ...['rules', 'evaluateRules', 'automationRuns', 'alerts', 'notifications', 'auditReports'].map((field) => `Query.${field}`),
  ...['registerRule', 'setRuleEnabled', 'removeRule', 'executeAction', 'undoAutomation', 'acknowledgeAlert', 'resolveAlert', 'archiveEvents', 'generateAuditReport'].map((field) => `Mutation.${field}`),
  ...['automationRun', 'alertUpdated', 'notificationCreated'].map((field) => `Subscription.${field}`),
  // The operations behind these know no such thing.
  'Query.divergence(againstReplay:)',
  'Query.eventTypes(category:)',
  'Query.eventTypes(text:)',
  'Query.verifyIntegrity(fromPosition:)',
  'Query.verifyIntegrity(toPosition:)',
  'JobFilter.text',
  // A dry run makes no job that could be answered.
  'RerunJobInput.dryRun',
  'EventTypeInfo.category',
  'EventTypeInfo.broadcast',
  'IntegrityReport.treeHead',
  'IntegrityReport.notCovered',
  ...['schemaVersion', 'createdAt', 'expiresAt', 'compressed', 'valid'].map((field) => `Snapshot.${field}`),
]);

/** What can be subscribed to, as the schema says it. */
export const servedSubscriptions = (): readonly FieldDefinitionNode[] =>
  withoutUnserved(parse(sdl)).definitions.flatMap((definition) => (definition.kind === 'ObjectTypeDefinition' && definition.name.value === 'Subscription' ? (definition.fields ?? []) : []));

/** @throws Error when a root field has no resolver, or a resolver no field: a fault in this package. */
export function servedSchema(resolvers: Resolvers): GraphQLSchema {
  const schema = buildASTSchema(reachable(withoutUnserved(parse(sdl))));
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`There are resolvers for ${typeName}, and no such type.`);
    attach(type, fields);
  }
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    for (const field of Object.values(root!.getFields())) if (field.resolve === undefined) throw new Error(`${root!.name}.${field.name} has no resolver.`);
  return schema;
}

/** For people and generators, at `/schema.graphql`. */
export const textOf = (schema: GraphQLSchema): string => `${printSchema(schema)}\n`;

function attach(type: GraphQLObjectType, resolvers: Resolvers[string]): void {
  const fields = type.getFields();
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields[name];
    if (field === undefined) throw new Error(`There is a resolver for ${type.name}.${name}, and no such field.`);
    if (typeof resolver === 'function') field.resolve = resolver;
    else Object.assign(field, resolver);
  }
}

function withoutUnserved(document: DocumentNode): DocumentNode {
  const served = (owner: string) => (field: FieldDefinitionNode | InputValueDefinitionNode): boolean => !unserved.has(`${owner}.${field.name.value}`);
  const withServedArguments = (owner: string) => (field: FieldDefinitionNode): FieldDefinitionNode => ({ ...field, arguments: (field.arguments ?? []).filter(({ name }) => !unserved.has(`${owner}.${field.name.value}(${name.value}:)`)) });
  return visit(document, {
    ObjectTypeDefinition: (type) => ({ ...type, fields: (type.fields ?? []).filter(served(type.name.value)).map(withServedArguments(type.name.value)) }),
    InputObjectTypeDefinition: (type) => ({ ...type, fields: (type.fields ?? []).filter(served(type.name.value)) }),
  });
}

/** Types that a query can lead to. */
function reachable(document: DocumentNode): DocumentNode {
  const types = new Map(document.definitions.flatMap((definition): [string, TypeDefinitionNode][] => (isType(definition) ? [[definition.name.value, definition]] : [])));
  const found = new Set(['Query', 'Mutation', 'Subscription']);
  // A set is walked in the order of insertion, what is added on the way included.
  for (const name of found) for (const next of namedIn(types.get(name))) found.add(next);
  return { ...document, definitions: document.definitions.filter((definition) => isType(definition) && found.has(definition.name.value)) };
}

const isType = (definition: DefinitionNode): definition is TypeDefinitionNode => 'name' in definition && definition.kind.endsWith('TypeDefinition');

function namedIn(type: TypeDefinitionNode | undefined): readonly string[] {
  if (type === undefined || !('fields' in type)) return [];
  return (type.fields ?? []).flatMap((field) => [named(field.type), ...('arguments' in field ? (field.arguments ?? []).map((argument) => named(argument.type)) : [])]);
}

const named = (type: TypeNode): string => ('name' in type ? type.name.value : named(type.type));
