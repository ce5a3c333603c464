/**
 * The log in the columns of documents 002 and 003, for whoever asks in SQL. Views: there is no second truth.
 *
 * A body is what the log in front of the driver wrote (`actor`, `metadata`, `payload`); bodies that are no such text, and those that
 * were forgotten, give null. A snapshot whose state is packed shows null for it: PostgreSQL cannot unpack gzip.
 */
export const views0002 = `
CREATE FUNCTION read_json(body bytea) RETURNS json LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(body, 'UTF8')::json;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;

CREATE FUNCTION time_of(ms bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT timestamptz 'epoch' + ms * interval '1 millisecond'
$$;

CREATE VIEW read_event AS
SELECT e.position, e.revision, e.recorded_ms, e.id, e.type, s.name AS stream, split_part(s.name, '/', 1) AS stream_type,
  substr(s.name, strpos(s.name, '/') + 1) AS stream_id, b.json AS body, b.json->'payload' AS payload, b.json->'metadata' AS document,
  coalesce(b.json->'metadata'->'actor'->>'type', split_part(b.json->>'actor', ':', 1)) AS actor_type,
  coalesce(b.json->'metadata'->'actor'->>'id', substr(b.json->>'actor', strpos(b.json->>'actor', ':') + 1)) AS actor_id
FROM event e JOIN stream s ON s.id = e.stream CROSS JOIN LATERAL (SELECT read_json(e.body) AS json OFFSET 0) b;

-- Document 002.
CREATE VIEW events AS
SELECT position::text AS id, id::text AS event_id, stream_id AS aggregate_id, stream_type AS aggregate_type,
  CASE WHEN starts_with(type, stream_type || '.') THEN substr(type, length(stream_type) + 2) ELSE type END AS event_type,
  payload AS event_data, coalesce((document->>'occurredAt')::timestamptz, time_of(recorded_ms)) AS timestamp, revision AS version,
  document->>'correlationId' AS correlation_id, document->>'causationId' AS causation_id,
  CASE WHEN actor_type = 'user' THEN actor_id END AS user_id, document->>'serviceName' AS service_name,
  coalesce(document->'metadata', '{}'::json) AS event_metadata
FROM read_event;

CREATE VIEW event_snapshots AS
SELECT k.key AS id, substr(h.json->>'stream', strpos(h.json->>'stream', '/') + 1) AS aggregate_id, split_part(h.json->>'stream', '/', 1) AS aggregate_type,
  CASE WHEN coalesce(h.json->>'encoding', 'none') = 'none' THEN read_json(substr(k.value, h.line_end + 1)) END AS snapshot_data,
  (h.json->>'revision')::bigint AS version, h.json->>'eventId' AS last_event_id, time_of(e.recorded_ms) AS created_at, NULL::timestamptz AS expires_at
FROM kv k
  CROSS JOIN LATERAL (SELECT position(decode('0a', 'hex') IN k.value) AS line_end, read_json(substr(k.value, 1, greatest(position(decode('0a', 'hex') IN k.value) - 1, 0))) AS json OFFSET 0) h
  LEFT JOIN event e ON e.id = (h.json->>'eventId')::uuid
WHERE k.key >= 'snapshot/' AND k.key < 'snapshot0' AND k.value IS NOT NULL AND h.json IS NOT NULL;

-- Document 003.
CREATE VIEW orchestration_events AS
SELECT id::text AS id, 'orchestration.' || type AS event_type, coalesce(document->>'entityType', stream_type) AS entity_type,
  coalesce(document->>'entityId', stream_id) AS entity_id, document->>'correlationId' AS correlation_id, document->>'sessionId' AS session_key,
  payload,
  (coalesce(document->'metadata', '{}'::json)::jsonb || jsonb_build_object('actor', actor_id, 'timestamp', document->>'occurredAt',
    'changes', coalesce(document->'changes', '{}'::json), 'correlation_chain', coalesce(document->'correlationChain', json_build_array(document->>'correlationId'))))::json AS metadata,
  time_of(recorded_ms) AS emitted_at, (document->>'archivedAt')::timestamptz AS archived_at
FROM read_event;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA :schema FROM PUBLIC;
`;
