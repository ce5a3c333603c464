/** How much the heavy cases do. `full` is what the contract writes; `ci` shows the same in the time of a build. */
export interface Sizes {
  readonly manyStreams: number;
  readonly soakCommits: number;
  readonly tailedCommits: number;
  readonly claimRounds: number;
  readonly scanEvents: number;
  readonly distinctTags: number;
  readonly killRounds: number;
  readonly dedupeDistance: number;
  readonly propertyRuns: number;
}

export const sizes: Readonly<Record<'ci' | 'full', Sizes>> = {
  ci: {
    manyStreams: 10_000,
    soakCommits: 2_000,
    tailedCommits: 400,
    claimRounds: 8,
    scanEvents: 50_000,
    distinctTags: 20_000,
    killRounds: 4,
    dedupeDistance: 1_000,
    propertyRuns: 20,
  },
  full: {
    manyStreams: 100_000,
    soakCommits: 10_000,
    tailedCommits: 1_500,
    claimRounds: 20,
    scanEvents: 1_000_000,
    distinctTags: 1_000_000,
    killRounds: 50,
    dedupeDistance: 10_000,
    propertyRuns: 200,
  },
};
