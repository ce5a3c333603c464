/**
 * The configuration: every key, its type, its default. Keys are spelled as the documents spell them; a key that is not here
 * is refused. `acting-keys.ts` says which of them do something in this release.
 */
import { z } from 'zod';

// Every command reads the configuration once: compiling checkers for it would cost more than they save.
const { jitless = false } = z.config();
z.config({ jitless: true });

const text = (value: string): z.ZodDefault<z.ZodString> => z.string().default(value);
const optionalText = z.string().nullable().default(null);
const flag = (value: boolean): z.ZodDefault<z.ZodBoolean> => z.boolean().default(value);
const whole = (value: number, least = 0): z.ZodDefault<z.ZodNumber> => z.number().int().min(least).default(value);
const choice = <const T extends string>(values: readonly T[], value: NoInfer<T>): z.ZodDefault<z.ZodType<T, T>> => z.literal(values as [T, ...T[]]).default(() => value);
const texts = (...values: string[]): z.ZodDefault<z.ZodArray<z.ZodString>> => z.array(z.string()).default(values);
const days = (value: number | null): z.ZodDefault<z.ZodNullable<z.ZodNumber>> => z.number().int().positive().nullable().default(value);
const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never);
const compression = (value: boolean) => z.union([z.boolean(), z.enum(['none', 'gzip', 'brotli'])]).default(value);

const storage = section({
  base_path: text('sessions/events'),
  // Absent means: sqlite, in the file below (see storeOf in load-config.ts).
  driver: z.enum(['sqlite', 'jsonl', 'postgres', 'redis', 'nats', 'memory']).optional(),
  format: z.enum(['jsonl', 'json', 'parquet']).optional(),
  durability: choice(['strict', 'relaxed'], 'strict'),
  mirror_jsonl: flag(false),
  partitioning: choice(['date_issue', 'issue', 'date', 'none'], 'date_issue'),
  partition_timezone: text('UTC'),
  compression: compression(false),
  global_log: choice(['full', 'pointers', 'off'], 'full'),
  fsync: choice(['always', 'batch', 'interval'], 'batch'),
  fsync_interval_ms: whole(5),
  max_segment_mb: whole(64, 1),
  max_event_kb: whole(1_024, 1),
  max_blob_mb: whole(32, 1),
  sqlite: section({ path: text('sessions/events/events.db'), journal_mode: choice(['WAL', 'DELETE', 'TRUNCATE', 'PERSIST'], 'WAL'), synchronous: choice(['FULL', 'EXTRA', 'NORMAL', 'OFF'], 'FULL'), busy_timeout_ms: whole(5_000) }),
  postgres: section({ url: optionalText, schema: text('refold'), pool_max: whole(10, 1), partition_by: choice(['month', 'none'], 'month'), notify: flag(true) }),
  redis: section({ url: optionalText, stream_prefix: text('refold:'), max_len: z.number().int().positive().nullable().default(null), consumer_group: text('refold') }),
  nats: section({ servers: texts(), stream: text('REFOLD'), replicas: whole(1, 1), ack_timeout_ms: whole(2_000) }),
});

const retentionClass = (archive: number | null, drop: number | null) => section({ archive_after_days: days(archive), delete_after_days: days(drop) });
const hold = z.strictObject({ stream: z.string().optional(), issue: z.string().optional(), correlation: z.string().optional(), reason: z.string(), until: z.string().nullable().default(null) });

const cleanup = section({
  archive_after_days: days(90),
  delete_after_days: days(365),
  delete_archived_after_days: days(365),
  schedule: z.string().nullable().default('0 3 * * *'),
  target: choice(['files', 'table'], 'files'),
  archive_path: text('sessions/events/archive'),
  archive_format: choice(['jsonl', 'json', 'parquet'], 'jsonl'),
  archive_compression: choice(['none', 'gzip', 'brotli'], 'gzip'),
  retention: section({ P0: retentionClass(null, null), P1: retentionClass(90, 365), P2: retentionClass(90, 365), P3: retentionClass(90, 365) }),
  eu_ai_act: choice(['none', 'high-risk'], 'none'),
  keep_open_streams: flag(true),
  legal_holds: z.array(hold).default([]),
  require_approval: flag(false),
  compress_after_days: days(7),
});

const indexedFields = ['event_id', 'issue_key', 'session_id', 'correlation_id', 'causation_id', 'event_type', 'stream', 'entity', 'actor', 'agent', 'phase', 'occurred_at', 'recorded_at', 'priority', 'service_name', 'trace_id'];

const eventSourcing = section({
  ids: choice(['v7', 'v4'], 'v7'),
  storage,
  snapshots: section({ enabled: flag(true), frequency: whole(50, 1), retention: whole(5, 1), compression: compression(true), expires_after_days: days(null), verify_on_load: flag(true), gc_schedule: z.string().nullable().default('15 3 * * *') }),
  indexing: section({ enabled_fields: texts(...indexedFields), full_text_search: flag(true), full_text_fields: texts('data', 'metadata'), json_paths: texts() }),
  validation: section({
    strict_mode: flag(true),
    validate_on_write: flag(true),
    timing: choice(['on_write', 'on_read', 'both', 'deferred'], 'on_write'),
    schema_version: text('latest'),
    unknown_types: choice(['auto', 'reject', 'flag', 'allow'], 'auto'),
    custom_type_prefixes: texts('custom.'),
    additional_properties: choice(['allow', 'reject'], 'allow'),
    transitions: choice(['auto', 'reject', 'flag', 'off'], 'auto'),
    require_uuid: flag(true),
    issue_key_pattern: text('^[A-Z][A-Z0-9_]+-[0-9]+$'),
    max_clock_skew_seconds: whole(300),
    emit_validation_failed: flag(true),
  }),
  schema_registry: section({ path: text('sessions/events/schemas'), compatibility: choice(['none', 'backward', 'forward', 'full'], 'backward'), allow_runtime_registration: flag(true) }),
  performance: section({
    cache: section({ enabled: flag(true), max_states: whole(1_000), ttl_seconds: whole(300) }),
    async_writes: flag(false),
    async_queue_max: whole(10_000, 1),
    batch_max_events: whole(500, 1),
    query_default_limit: whole(100, 1),
    query_max_limit: whole(1_000, 1),
    query_timeout_ms: whole(10_000, 1),
  }),
  cleanup,
  integrity: section({
    enabled: flag(true),
    origin: optionalText,
    signing_key: optionalText,
    tree_head_every_events: whole(256, 1),
    tree_head_every_ms: whole(1_000, 1),
    tree_head_idle_minutes: whole(10, 1),
    head_file: optionalText,
    anchor: choice(['none', 'file', 'webhook', 'git_tag'], 'none'),
    anchor_target: optionalText,
    verify_schedule: z.string().nullable().default('30 3 * * *'),
  }),
  privacy: section({
    secret_mode: choice(['off', 'flag', 'mask', 'reject'], 'mask'),
    key_patterns: texts('password', 'passwd', 'secret', 'token', 'api[_-]?key', 'authorization', 'cookie', 'private[_-]?key'),
    value_patterns: z.union([z.literal('builtin'), z.array(z.string())]).default('builtin'),
    allow_paths: texts(),
  }),
  replay: section({
    default_dry_run: section({ sdk: flag(false), rest: flag(true), graphql: flag(true), cli: flag(true), mcp: flag(true) }),
    environment: choice(['development', 'staging', 'production'], 'development'),
    non_repeatable: texts(),
    allow_types: texts(),
    allow_override_in_production: flag(false),
    handler_timeout_ms: whole(60_000, 1),
    stop_on_error: flag(true),
    record_dry_runs: flag(true),
    services: z.record(z.string(), z.string()).default({}),
    preconditions: texts('stream_unchanged', 'chain_valid', 'state_matches'),
  }),
  debugger: section({ enabled: flag(true), compat_port: z.number().int().positive().nullable().default(null), session_ttl_minutes: whole(60, 1), max_sessions: whole(50, 1), step_delay_ms: whole(0), expression_timeout_ms: whole(20, 1) }),
  automation: section({ enabled: flag(true), dry_run: flag(false), rules_file: text('config/automation-rules.yaml'), load_default_rules: flag(true), max_depth: whole(5, 1), max_actions_per_minute: whole(600, 1), undo_window_hours: whole(168) }),
  broadcasting: section({ enabled: flag(true), prefix: text('orchestration'), types: z.union([z.literal('all'), z.array(z.string())]).default('all'), payload: choice(['full', 'summary'], 'full'), buffer_events: whole(1_000, 1) }),
  server: section({
    host: text('127.0.0.1'),
    port: z.number().int().min(0).max(65_535).default(8_012),
    base_path: text('/api/v1'),
    compat_routes: flag(true),
    cors_origins: texts(),
    allowed_hosts: texts(),
    behind_proxy: flag(false),
    tls: section({ cert: optionalText, key: optionalText }),
    body_limit_kb: whole(8_192, 1),
    rate_limit: section({
      appends_per_second: whole(500),
      events_per_second: whole(5_000),
      queries_per_second: whole(50),
      ws_messages_per_second: whole(20),
      subscriptions_per_connection: whole(50),
      connections_per_client: whole(20),
      connections_total: whole(500),
      failed_logins_per_minute: whole(10, 1),
    }),
    web_ui: flag(true),
  }),
  graphql: section({ enabled: flag(true), path: text('/graphql'), graphiql: flag(false), max_depth: whole(8, 1), max_complexity: whole(5_000, 1), health_interval_ms: whole(5_000, 1), subscription_queue_max: whole(1_000, 1) }),
  auth: section({
    mode: choice(['none', 'token', 'jwt'], 'token'),
    tokens_file: optionalText,
    jwt: section({ issuer: optionalText, audience: optionalText, jwks_url: optionalText, public_key: optionalText, role_claim: text('role') }),
    roles: z.record(z.string(), z.array(z.string())).default({ viewer: ['read'], writer: ['read', 'append'], operator: ['read', 'append', 'replay', 'automate', 'debug', 'archive'], admin: ['*'] }),
    allow_actor_override: texts('admin', 'service'),
  }),
  telemetry: section({
    otel: section({ enabled: flag(true), exporter: choice(['none', 'otlp', 'console'], 'none'), endpoint: optionalText, service_name: text('refold') }),
    always_trace: flag(true),
    trace_url_template: optionalText,
    metrics: section({ prometheus: flag(true), path: text('/metrics') }),
    log_level: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'info'),
  }),
  enrich: section({ git: flag(true), codebase_state: choice(['off', 'summary', 'files'], 'summary'), environment: texts('node_version', 'os', 'hostname', 'pid', 'ci'), model_params: flag(true), service_name: optionalText }),
  publisher: section({
    mode: choice(['strict', 'degraded'], 'degraded'),
    spool_path: text('.refold-spool'),
    spool_max_mb: whole(256, 1),
    retry: section({ max_attempts: whole(8, 1), base_ms: whole(50, 1), max_ms: whole(10_000, 1), jitter: choice(['full', 'none'], 'full') }),
  }),
  alerts: section({
    enabled: flag(true),
    publish_failures: section({ threshold: whole(1, 1), window_seconds: whole(60, 1) }),
    store_unreachable: section({ after_seconds: whole(10, 1) }),
    high_event_volume: section({ per_minute: whole(60_000, 1) }),
    snapshot_failures: section({ threshold: whole(1, 1), window_seconds: whole(300, 1) }),
    store_size: section({ warn_mb: whole(10_240, 1) }),
    replay_failure_rate: section({ max_percent: z.number().min(0).max(100).default(1), window: whole(100, 1) }),
    publish_latency_p95_ms: z.number().positive().default(5),
    reconstruct_p95_ms: z.number().positive().default(100),
    subscription_p95_ms: z.number().positive().default(50),
    integrity_violation: section({ enabled: flag(true) }),
    projection_lag: section({ max_events: whole(1_000, 1) }),
  }),
  notifications: section({ channels: texts('ui'), webhooks: z.array(z.strictObject({ url: z.string(), secret: z.string().optional(), events: z.array(z.string()).default([]) })).default([]) }),
  reports: section({ path: text('sessions/events/reports'), default_format: choice(['html', 'json', 'csv', 'markdown'], 'html'), group_by: texts('issue', 'user', 'phase'), schedule: optionalText, max_rows_html: whole(20_000, 1) }),
  integrations: section({
    jira: section({ enabled: flag(false), base_url: optionalText, email: optionalText, token_env: text('JIRA_TOKEN'), verify_issue: flag(false), post_comment: flag(false) }),
    git: section({ enabled: flag(true), hooks: texts('post-commit', 'post-merge') }),
    claude_code: section({ install_agent: flag(true), hooks: flag(true) }),
  }),
  orchestration: section({ phases: texts('EXPLORE', 'PLAN', 'CODE', 'TEST', 'FIX', 'DOCUMENT'), allow_parallel_runs: flag(false), surrounding_events: whole(5) }),
});

export const configSchema = z.strictObject({ event_sourcing: eventSourcing });
z.config({ jitless });

export type Config = z.output<typeof configSchema>;
