/** From the configuration to what opening a log takes. */
import { randomUUID } from 'node:crypto';
import type { IdSource } from '@refold/core';
import type { OpenOptions } from '@refold/sdk';
import type { Config } from './schema.ts';

export function storeSettings({ event_sourcing: config }: Config, ids?: IdSource): OpenOptions {
  const { validation, performance, storage, snapshots, privacy, integrity, replay } = config;
  const isStrict = validation.strict_mode && validation.validate_on_write && validation.timing !== 'deferred' && validation.timing !== 'on_read';
  const transitions = validation.transitions === 'auto' ? (isStrict ? 'enforce' : 'flag') : validation.transitions === 'reject' ? 'enforce' : 'flag';
  return {
    ...(integrity.origin === null ? {} : { origin: integrity.origin }),
    durability: storage.durability,
    settings: { transitions, validation: isStrict ? 'strict' : 'flag' },
    emitValidationFailed: validation.emit_validation_failed,
    compressClosed: storage.compression !== false && storage.compression !== 'none',
    segmentBytesMax: storage.max_segment_mb * 1_048_576,
    layout: { snapshotEvery: snapshots.enabled ? snapshots.frequency : 0 },
    compressSnapshots: snapshots.compression !== false && snapshots.compression !== 'none',
    redaction: { mode: privacy.secret_mode, allow: privacy.allow_paths },
    replay: {
      defaultDryRun: replay.default_dry_run.cli,
      environment: replay.environment,
      allowOverrideInProduction: replay.allow_override_in_production,
      nonRepeatable: replay.non_repeatable,
      allowTypes: replay.allow_types,
      handlerTimeoutMs: replay.handler_timeout_ms,
      stopOnError: replay.stop_on_error,
      recordDryRuns: replay.record_dry_runs,
      preconditions: replay.preconditions,
    },
    limits: {
      eventBytesMax: storage.max_event_kb * 1_024,
      commitEventsMax: performance.batch_max_events,
      cachedStatesMax: performance.cache.enabled ? performance.cache.max_states : 0,
      pageSizeDefault: performance.query_default_limit,
      pageSizeMax: performance.query_max_limit,
      queryTimeoutMs: performance.query_timeout_ms,
      clockSkewMsMax: validation.max_clock_skew_seconds * 1_000,
      // What is never due is made for nobody, neither behind an append nor after a read; who asks for one gets it.
      snapshotEveryEvents: snapshots.enabled ? snapshots.frequency : Number.MAX_SAFE_INTEGER,
      snapshotsKeptPerStream: snapshots.retention,
    },
    ...(ids !== undefined || config.ids === 'v7' ? {} : { ports: { ids: { uuid: () => randomUUID() } } }),
  };
}
