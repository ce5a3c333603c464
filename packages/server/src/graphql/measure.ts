/**
 * How much a document asks for, found before anything is executed. First in its text, token by token, because reading and
 * validating a large one is what it costs; then in its tree: how deep it goes, how many root fields it has, and how many
 * objects it may lead to. A fragment is measured once, however often it is spread.
 */
import { LogError } from '@refold/core';
import { Kind, Lexer, Source, TokenKind, getNamedType, getNullableType, isCompositeType, isListType, isObjectType, valueFromASTUntyped } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLField, GraphQLNamedType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { GraphqlLimits } from './limits.ts';

const tooLarge = (reason: string, what: string, limit: number): LogError => new LogError('TOO_LARGE', `The document has more than ${limit} ${what}.`, { details: { reason, limit }, hint: 'Ask for less at once, in several requests.' });

/** @throws LogError TOO_LARGE `tokens`, `aliases`, `directives`; GraphQLError for what is no token. */
export function measureText(query: string, { tokensMax, aliasesMax, directivesMax }: GraphqlLimits): void {
  const lexer = new Lexer(new Source(query));
  let [tokens, aliases, directives, parentheses] = [0, 0, 0, 0];
  let [before, last]: TokenKind[] = [TokenKind.SOF, TokenKind.SOF];
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
    if (++tokens > tokensMax) throw tooLarge('tokens', 'tokens', tokensMax);
    if (kind === TokenKind.PAREN_L) parentheses++;
    if (kind === TokenKind.PAREN_R) parentheses--;
    if (kind === TokenKind.AT && ++directives > directivesMax) throw tooLarge('directives', 'directives', directivesMax);
    // Outside of arguments and variables, only an alias is a name, a colon and a name.
    if (parentheses === 0 && before === TokenKind.NAME && last === TokenKind.COLON && kind === TokenKind.NAME && ++aliases > aliasesMax) throw tooLarge('aliases', 'aliases', aliasesMax);
    [before, last] = [last!, kind];
  }
}

type Variables = { readonly [name: string]: unknown };

interface Measure {
  readonly depth: number;
  readonly cost: number;
}

/**
 * @param document  Found sound by GraphQL's own rules, so no fragment spreads itself.
 * @throws LogError TOO_LARGE `depth`, `cost`, `root_fields`; BAD_REQUEST `limit` for a list longer than a page may be.
 */
export function measureOperation(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Variables, limits: GraphqlLimits & { readonly pageSizeMax: number }): void {
  const fragments = new Map(document.definitions.flatMap((definition): [string, FragmentDefinitionNode][] => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [])));
  const measured = new Map<string, Measure>();
  const rootType = schema.getRootType(operation.operation)!;

  function ofSelection({ selections }: SelectionSetNode, parent: GraphQLNamedType): Measure {
    let [depth, cost] = [0, 0];
    for (const selection of selections) {
      const part = selection.kind === Kind.FIELD ? ofField(selection, parent) : selection.kind === Kind.INLINE_FRAGMENT ? ofSelection(selection.selectionSet, typeOf(selection.typeCondition?.name.value, parent)) : ofFragment(selection.name.value);
      [depth, cost] = [Math.max(depth, part.depth), cost + part.cost];
    }
    return { depth, cost };
  }

  const typeOf = (name: string | undefined, otherwise: GraphQLNamedType): GraphQLNamedType => (name === undefined ? otherwise : (schema.getType(name) ?? otherwise));

  function ofFragment(name: string): Measure {
    const known = measured.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name)!;
    const measure = ofSelection(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value)!);
    measured.set(name, measure);
    return measure;
  }

  function ofField(node: FieldNode, parent: GraphQLNamedType): Measure {
    const field = isObjectType(parent) ? parent.getFields()[node.name.value] : undefined;
    // `__typename`, `__schema` and `__type` belong to no type.
    if (field === undefined || node.selectionSet === undefined) return { depth: node.name.value.startsWith('__') ? 0 : 1, cost: 0 };
    const inner = ofSelection(node.selectionSet, getNamedType(field.type));
    return { depth: inner.depth + 1, cost: lengthOf(node, field) * (1 + inner.cost) };
  }

  /** How many objects a field gives at most: what its page says, or that of the list in it. */
  function lengthOf(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    if (!isCompositeType(getNamedType(field.type))) return 0;
    const asked = pageLength(node, field, variables, limits.pageSizeMax);
    if (asked !== null) return asked;
    return isListType(getNullableType(field.type)) && !isPaged(node.name.value) ? limits.unboundedListCost : 1;
  }

  refuseRootFields(operation, fragments, limits.rootFieldsMax);
  const { depth, cost } = ofSelection(operation.selectionSet, rootType);
  if (depth > limits.depthMax) throw tooLarge('depth', 'levels', limits.depthMax);
  if (cost > limits.costMax) throw new LogError('TOO_LARGE', `The answer could hold ${cost} objects, and ${limits.costMax} is the most.`, { details: { reason: 'cost', limit: limits.costMax, cost }, hint: 'Ask for shorter pages, or for less beside each item.' });
}

/** The nodes of a page are counted by the page. */
const isPaged = (name: string): boolean => name === 'nodes';

/** null: the field takes no length. @throws LogError BAD_REQUEST `limit`. */
function pageLength({ arguments: given = [] }: FieldNode, { args }: GraphQLField<unknown, unknown>, variables: Variables, pageSizeMax: number): number | null {
  const own = args.find(({ name }) => name === 'first' || name === 'page');
  if (own === undefined) return null;
  const node = given.find(({ name }) => name.value === own.name);
  const value = node === undefined ? undefined : valueFromASTUntyped(node.value, variables);
  const first = own.name === 'page' ? (value as { readonly first?: unknown } | null | undefined)?.first : value;
  // Whatever is no number is refused where the value is read; what is left out is what the schema or the operation says, at most this.
  if (typeof first !== 'number') return pageLengthDefault;
  if (first > pageSizeMax) throw new LogError('BAD_REQUEST', `"first" is a number from 1 to ${pageSizeMax}.`, { details: { reason: 'limit', pointer: '/first', limit: pageSizeMax }, hint: 'Ask for a shorter page, then for the next.' });
  return Math.max(first, 1);
}

const pageLengthDefault = 100;

/** What the document gives a variable that the request does not. */
export const withDefaults = ({ variableDefinitions = [] }: OperationDefinitionNode, variables: Variables): Variables => ({
  ...Object.fromEntries(variableDefinitions.flatMap(({ variable, defaultValue }) => (defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]]))),
  ...variables,
});

/** Counted only as far as it matters: fragments that spread two of the next have no end worth waiting for. */
function refuseRootFields(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, rootFieldsMax: number): void {
  let fields = 0;
  const count = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD) count(selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)!.selectionSet);
      else if (++fields > rootFieldsMax) throw tooLarge('root_fields', 'root fields', rootFieldsMax);
    }
  };
  count(operation.selectionSet);
}
