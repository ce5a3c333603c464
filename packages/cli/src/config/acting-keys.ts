/**
 * The keys that this release acts on. The others are accepted, so that a configuration for all of Refold loads; who sets one
 * is told that it does nothing yet. A test holds this list against what reads the configuration, and
 * docs/reference/configuration.md against this list.
 */
const acting = {
  '': ['ids'],
  'storage.': ['base_path', 'driver', 'format', 'durability', 'mirror_jsonl', 'compression', 'max_segment_mb', 'max_event_kb', 'sqlite.path'],
  'snapshots.': ['enabled', 'frequency', 'retention', 'compression'],
  'validation.': ['strict_mode', 'validate_on_write', 'timing', 'transitions', 'max_clock_skew_seconds', 'emit_validation_failed'],
  'performance.': ['cache.enabled', 'cache.max_states', 'batch_max_events', 'query_default_limit', 'query_max_limit', 'query_timeout_ms'],
  'integrity.': ['origin'],
  'privacy.': ['secret_mode', 'allow_paths'],
  'replay.': ['default_dry_run.cli', 'default_dry_run.rest', 'environment', 'non_repeatable', 'allow_types', 'allow_override_in_production', 'handler_timeout_ms', 'stop_on_error', 'record_dry_runs', 'preconditions'],
  'server.': ['host', 'port', 'base_path', 'cors_origins', 'allowed_hosts', 'behind_proxy', 'tls.cert', 'tls.key', 'body_limit_kb', 'rate_limit.appends_per_second', 'rate_limit.events_per_second', 'rate_limit.queries_per_second', 'rate_limit.failed_logins_per_minute'],
  'telemetry.': ['otel.enabled', 'otel.exporter', 'otel.endpoint', 'otel.service_name', 'always_trace', 'metrics.prometheus', 'metrics.path', 'log_level'],
  'broadcasting.': ['enabled', 'prefix', 'types'],
  'auth.': ['mode', 'jwt.issuer', 'jwt.audience', 'jwt.jwks_url', 'jwt.public_key', 'jwt.role_claim'],
} as const;

/** By the full name of a leaf, `event_sourcing.snapshots.frequency`. */
export const actingKeys: ReadonlySet<string> = new Set(Object.entries(acting).flatMap(([section, keys]) => keys.map((key) => `event_sourcing.${section}${key}`)));

/** What somebody has set and nothing looks at, in the order of the configuration. */
export const keysWithoutEffect = (origins: ReadonlyMap<string, string>): readonly string[] => [...origins].flatMap(([key, origin]) => (origin === 'default' || actingKeys.has(key) ? [] : [key]));
