/** From the text of a request to what may be executed: read, held against the schema, and measured. A text is read once. */
import { LogError } from '@refold/core';
import { GraphQLError, Kind, getOperationAST, parse, specifiedRules, validate, visit } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { GraphqlLimits } from './limits.ts';
import { measureOperation, measureText, withDefaults } from './measure.ts';

/** What a client sends, whatever it sends it over. */
export interface Asked {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: { readonly [name: string]: unknown } | null | undefined;
}

export interface Prepared {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly variables: { readonly [name: string]: unknown };
}

export interface PrepareOptions {
  readonly schema: GraphQLSchema;
  readonly limits: GraphqlLimits & { readonly pageSizeMax: number };
  /** The world can ask: it is told neither what there is nor what it might have meant. */
  readonly isOnNetwork: boolean;
}

/** @returns what may be executed, or everything that is wrong with it. */
export function createPreparer({ schema, limits, isOnNetwork }: PrepareOptions): (asked: Asked) => Prepared | readonly unknown[] {
  const sound = new Map<string, DocumentNode>();

  function read(query: string): DocumentNode | readonly unknown[] {
    const known = sound.get(query);
    if (known !== undefined) return known;
    measureText(query, limits);
    const document = parse(query);
    refuseNumbers(document);
    if (isOnNetwork) refuseIntrospection(document);
    const faults = validate(schema, document, specifiedRules, { hideSuggestions: isOnNetwork });
    if (faults.length > 0) return faults;
    if (query.length <= limits.documentKeptBytesMax) {
      if (sound.size >= limits.documentsKept) sound.delete(sound.keys().next().value!);
      sound.set(query, document);
    }
    return document;
  }

  return ({ query, operationName: name, variables: given }) => {
    try {
      const document = read(query);
      if (!('kind' in document)) return document;
      const operation = getOperationAST(document, name);
      if (operation === null || operation === undefined) throw new LogError('BAD_REQUEST', 'It is not said which operation of the document is meant.', { details: { reason: 'operation_name' }, hint: 'Send operationName.' });
      const variables = withDefaults(operation, given ?? {});
      measureOperation(schema, document, operation, variables, limits);
      return { document, operation, operationName: name ?? undefined, variables: given ?? {} };
    } catch (error) {
      if (!(error instanceof LogError || error instanceof GraphQLError)) throw error;
      return [error];
    }
  };
}

/** A number in a document is held to the same range as one in JSON. */
function refuseNumbers(document: DocumentNode): void {
  visit(document, {
    [Kind.INT]: (node) => {
      if (Number.isSafeInteger(Number(node.value))) return;
      const error = new LogError('BAD_NUMBER', `${node.value.slice(0, 40)} is beyond what a number can hold exactly.`, { details: { reason: 'unsafe_integer' }, hint: 'Send it as a string.' });
      throw new GraphQLError(error.message, { nodes: node, originalError: error });
    },
  });
}

function refuseIntrospection(document: DocumentNode): void {
  visit(document, {
    [Kind.FIELD]: ({ name: { value } }) => {
      if (value === '__schema' || value === '__type') throw new LogError('FORBIDDEN', 'The schema is not told here.', { details: { reason: 'introspection' }, hint: 'It is in the documentation of this version.' });
    },
  });
}
