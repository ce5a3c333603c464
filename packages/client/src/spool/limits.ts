/** Every default of the spool, the unit in the name; `openSpool({ limits })` overrides each. */
export const defaultSpoolLimits = {
  /** What waits and what was refused, together, on disk. */
  spoolBytesMax: 64 * 1_048_576,
  /** How long a server may take for one commit before it counts as away. */
  sendMsMax: 5_000,
  /** Wait before a commit is tried again; doubled each time up to the ceiling. */
  backoffMs: 250,
  backoffMsMax: 15_000,
  retryAfterMsMax: 300_000,
} as const;

export type SpoolLimits = { readonly [K in keyof typeof defaultSpoolLimits]: number };
