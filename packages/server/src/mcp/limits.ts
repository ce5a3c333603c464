/** Bounds of the MCP door, the unit in the name. Source: TRUST.md section 11. */
export const mcpLimits = {
  /** A result as JSON: structured content and text together. */
  resultBytesMax: 64 * 1024,
  /** Answers that are read in pieces, together; one of them at most. */
  keptCharactersMax: 16 * 1_048_576,
  /** One line on stdin. */
  lineBytesMax: 8 * 1_048_576,
  /** Streams in one page of the list of resources. */
  resourcesPerPage: 100,
} as const;
