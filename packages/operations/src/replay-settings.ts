/** What an installation lets a replay do. Whoever opens the store decides it, once; a request can only ask for less. */
import { defaultLimits } from '@refold/core';
import type { Environment, ReplayHandlers } from '@refold/core';

export interface ReplaySettings {
  /** The allow list of effects: what has no handler here is not done again, whoever asks. */
  readonly handlers: ReplayHandlers;
  /** What is meant by a call that does not say whether it is a dry run. */
  readonly defaultDryRun: boolean;
  /** In production, costly effects are not done again, allowed or not. */
  readonly environment: Environment;
  readonly allowOverrideInProduction: boolean;
  /** Types that must not be repeated here, whatever their class; globs and aliases. */
  readonly nonRepeatable: readonly string[];
  /** Costly types that may always be done again here. */
  readonly allowTypes: readonly string[];
  readonly handlerTimeoutMs: number;
  readonly stopOnError: boolean;
  /** A dry run writes that it was (`replay.started`, `replay.completed`). */
  readonly recordDryRuns: boolean;
  /** Asked when a call names none. */
  readonly preconditions: readonly string[];
  /** Commit of the working copy; null where there is none. */
  readonly gitSha: () => Promise<string | null>;
}

export const defaultReplaySettings: ReplaySettings = {
  handlers: new Map(),
  defaultDryRun: true,
  environment: 'development',
  allowOverrideInProduction: false,
  nonRepeatable: [],
  allowTypes: [],
  handlerTimeoutMs: defaultLimits.replayHandlerTimeoutMs,
  stopOnError: true,
  recordDryRuns: true,
  preconditions: ['stream_unchanged', 'chain_valid', 'state_matches'],
  gitSha: async () => null,
};

export const replaySettingsOf = ({ replay = defaultReplaySettings }: { readonly replay?: ReplaySettings }): ReplaySettings => replay;
