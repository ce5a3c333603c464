/** Bounds of the GraphQL door, the unit in the name. Source: TRUST.md section 11. */
export const defaultGraphqlLimits = {
  /** A document of this size has long more tokens than it may have. */
  requestBytesMax: 100 * 1024,
  tokensMax: 1_000,
  aliasesMax: 15,
  directivesMax: 50,
  rootFieldsMax: 10,
  /** Introspection, where it is allowed, is exempt: its own query is deeper. */
  depthMax: 8,
  /** Objects that an answer may hold, as far as the document says how many it wants. */
  costMax: 5_000,
  /** What a list without a length of its own is taken for. */
  unboundedListCost: 10,
  /** Documents remembered as read and found sound, and the longest of them. */
  documentsKept: 500,
  documentKeptBytesMax: 8 * 1024,
} as const;

export type GraphqlLimits = { readonly [K in keyof typeof defaultGraphqlLimits]: number };
