/**
 * The tables of a log, and the functions that alone may change them. Once released this text never changes: its checksum is kept in
 * every schema it made. It runs with the log's schema first on the search path, so the text is the same for every log.
 *
 * - A log is a schema: two logs cannot touch, an index holds one log only, and a log is dumped, restored and dropped by its name.
 * - `log` is the head row. Whoever appends locks it until COMMIT, so positions are gapless and in commit order, and a reader that goes
 *   on at `position > last` loses nothing. It and `kv` are the only rows that are ever updated; `event` is, once, when it is forgotten.
 * - A body is bytes: `jsonb` would reorder keys, drop duplicates and refuse U+0000. Tags are a JSON array in text, for reading;
 *   what answers queries are the integers in `posting`, as runs of neighbouring positions [first, last] of an append.
 * - Names are text in the collation "C": compared and ordered by bytes. Ids of events are UUIDs, in 16 bytes.
 * - Functions run as the owner (SECURITY DEFINER), so that an application's role needs no INSERT, UPDATE or DELETE (`grant_to`).
 * - The triggers are for mistakes, not for attackers: who owns the tables can drop them. Evidence is the tree's task.
 */
export const log0001 = `
CREATE TABLE log (
  one int PRIMARY KEY CHECK (one = 1),
  origin text NOT NULL,
  epoch text NOT NULL,
  position bigint NOT NULL,
  recorded_ms bigint,
  streams bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE stream (
  id bigint PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE label (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind smallint NOT NULL CHECK (kind IN (0, 1)),
  name text COLLATE "C" NOT NULL,
  UNIQUE (name, kind)
);

CREATE TABLE "commit" (
  id text COLLATE "C" PRIMARY KEY,
  first bigint NOT NULL,
  last bigint NOT NULL,
  digest bytea NOT NULL
);

CREATE TABLE event (
  position bigint PRIMARY KEY,
  stream bigint NOT NULL,
  revision bigint NOT NULL,
  recorded_ms bigint NOT NULL,
  id uuid NOT NULL,
  place int NOT NULL,
  forgotten boolean NOT NULL DEFAULT false,
  type text COLLATE "C" NOT NULL,
  commit_id text COLLATE "C" NOT NULL,
  tags text COLLATE "C" NOT NULL,
  leaf bytea,
  previous_leaf bytea,
  body bytea NOT NULL
);
CREATE UNIQUE INDEX event_by_stream ON event (stream, revision);
CREATE UNIQUE INDEX event_by_id ON event (id);

CREATE TABLE posting (
  label bigint NOT NULL,
  last bigint NOT NULL,
  first bigint NOT NULL,
  PRIMARY KEY (label, last)
);

CREATE TABLE forgetting (
  position bigint PRIMARY KEY,
  forgotten_ms bigint NOT NULL,
  reason text NOT NULL
);

CREATE TABLE kv (
  key text COLLATE "C" PRIMARY KEY,
  rev bigint NOT NULL,
  value bytea
);

-- Which events may be changed, and how.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = format('rows of %I are never changed or removed', TG_TABLE_NAME);
END $$;

CREATE FUNCTION refuse_change_but_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.forgotten OR NOT NEW.forgotten
    OR (NEW.position, NEW.stream, NEW.revision, NEW.recorded_ms, NEW.id, NEW.place, NEW.type, NEW.commit_id, NEW.tags)
      IS DISTINCT FROM (OLD.position, OLD.stream, OLD.revision, OLD.recorded_ms, OLD.id, OLD.place, OLD.type, OLD.commit_id, OLD.tags)
    OR NEW.leaf IS DISTINCT FROM OLD.leaf OR NEW.previous_leaf IS DISTINCT FROM OLD.previous_leaf
  THEN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = 'an event is never changed, only its body may be forgotten';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION refuse_going_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.position < OLD.position OR NEW.recorded_ms < OLD.recorded_ms OR NEW.streams < OLD.streams OR NEW.origin <> OLD.origin THEN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = 'a log never goes back, and its name stays';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER event_is_immutable BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change_but_forgetting();
CREATE TRIGGER event_stays BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_stay BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commit_stays BEFORE UPDATE OR DELETE ON "commit" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commits_stay BEFORE TRUNCATE ON "commit" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stream_stays BEFORE UPDATE OR DELETE ON stream FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_only_grows BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION refuse_going_back();
CREATE TRIGGER log_stays BEFORE DELETE ON log FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The serial section.

CREATE FUNCTION lock_head() RETURNS TABLE (at bigint, last_ms bigint, stream_count bigint)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT position, recorded_ms, streams FROM log FOR UPDATE
$$;

-- Writes what the caller has judged and placed. With expected_head it takes the lock itself and writes only when the head still
-- stands there (else it gives null); without, the caller holds the lock. Gives the numbers of the labels that came by name.
CREATE FUNCTION append_batch(
  expected_head bigint, first_position bigint, time_ms bigint, channel text,
  commit_ids text[], commit_firsts bigint[], commit_lasts bigint[], digests bytea,
  event_ids uuid[], event_streams bigint[], event_revisions bigint[], event_places int[], event_types text[], event_commits text[],
  event_tags text[], hash_counts int[], record_starts int[], record_bytes int[], records bytea,
  stream_ids bigint[], stream_names text[],
  label_kinds smallint[], label_names text[],
  posting_labels bigint[], posting_firsts bigint[], posting_lasts bigint[]
) RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  at bigint;
  numbers bigint[] := '{}';
  last_position bigint := first_position + cardinality(event_ids) - 1;
BEGIN
  IF expected_head IS NOT NULL THEN
    SELECT position INTO at FROM log FOR UPDATE;
    IF at <> expected_head THEN
      RETURN NULL;
    END IF;
  END IF;

  IF cardinality(stream_ids) > 0 THEN
    INSERT INTO stream (id, name) SELECT s.id, s.name FROM unnest(stream_ids, stream_names) AS s (id, name);
  END IF;

  INSERT INTO "commit" (id, first, last, digest)
  SELECT c.id, c.first, c.last, substr(digests, (32 * (c.n - 1) + 1)::int, 32)
  FROM unnest(commit_ids, commit_firsts, commit_lasts) WITH ORDINALITY AS c (id, first, last, n);

  INSERT INTO event (position, stream, revision, recorded_ms, id, place, type, commit_id, tags, leaf, previous_leaf, body)
  SELECT first_position + e.n - 1, e.stream, e.revision, time_ms, e.id, e.place, e.type, e.commit_id, e.tags,
    CASE WHEN e.hashes > 0 THEN substr(records, e.start, 32) END,
    CASE WHEN e.hashes > 1 THEN substr(records, e.start + 32, 32) END,
    substr(records, e.start + 32 * e.hashes, e.bytes)
  FROM unnest(event_ids, event_streams, event_revisions, event_places, event_types, event_commits, event_tags, hash_counts, record_starts, record_bytes)
    WITH ORDINALITY AS e (id, stream, revision, place, type, commit_id, tags, hashes, start, bytes, n);

  IF cardinality(label_names) > 0 THEN
    INSERT INTO label (kind, name) SELECT l.kind, l.name FROM unnest(label_kinds, label_names) AS l (kind, name) ON CONFLICT DO NOTHING;
    SELECT array_agg((SELECT label.id FROM label WHERE label.name = l.name AND label.kind = l.kind) ORDER BY l.n) INTO numbers
    FROM unnest(label_kinds, label_names) WITH ORDINALITY AS l (kind, name, n);
  END IF;

  -- A label below zero stands for the one at that place among those that came by name.
  INSERT INTO posting (label, last, first)
  SELECT CASE WHEN p.label > 0 THEN p.label ELSE numbers[-p.label] END, p.last, p.first
  FROM unnest(posting_labels, posting_firsts, posting_lasts) AS p (label, first, last);

  UPDATE log SET position = last_position, recorded_ms = time_ms, streams = streams + cardinality(stream_ids);
  PERFORM pg_notify(channel, last_position::text);
  RETURN numbers;
END $$;

-- Queries. A key is a position, or its negative when walking backward, so that one walk serves both directions.

CREATE FUNCTION seek_posting(of_label bigint, from_key bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  run record;
BEGIN
  IF from_key >= 0 THEN
    SELECT first, last INTO run FROM posting WHERE label = of_label AND last >= from_key ORDER BY label, last LIMIT 1;
    RETURN CASE WHEN FOUND THEN greatest(run.first, from_key) ELSE 9223372036854775807 END;
  END IF;
  SELECT first, last INTO run FROM posting WHERE label = of_label AND last >= -from_key ORDER BY label, last LIMIT 1;
  IF FOUND AND run.first <= -from_key THEN
    RETURN from_key;
  END IF;
  SELECT first, last INTO run FROM posting WHERE label = of_label AND last < -from_key ORDER BY label DESC, last DESC LIMIT 1;
  RETURN CASE WHEN FOUND THEN -run.last ELSE 9223372036854775807 END;
END $$;

-- Alternatives (items) take the least key of their parts, conjunctions (parts of an item) leap from part to part, and any label of a
-- part will do. Each names a key below which it has no match; a key that comes back unchanged is a match. So a tag with ten events
-- beside one with a million costs ten jumps, whichever is written first, and no statistics are needed.
CREATE FUNCTION find_matches(kinds smallint[], names text[], parts int[], items int[], from_key bigint, to_key bigint, matches_max int, steps_max int)
RETURNS TABLE (matches bigint[], next_key bigint) LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  endless CONSTANT bigint := 9223372036854775807;
  labels bigint[];
  nexts bigint[] := array_fill(-endless, ARRAY[cardinality(names)]);
  candidate bigint;
  least_of_part bigint;
  least_of_all bigint;
  i int;
  part int;
BEGIN
  SELECT array_agg((SELECT label.id FROM label WHERE label.name = l.name AND label.kind = l.kind) ORDER BY l.n) INTO labels
  FROM unnest(kinds, names) WITH ORDINALITY AS l (kind, name, n);
  matches := '{}';
  next_key := from_key;

  -- One label alone: its runs one after the other.
  IF cardinality(names) = 1 THEN
    IF labels[1] IS NULL THEN
      next_key := to_key + 1;
    ELSIF from_key >= 0 THEN
      matches := ARRAY(
        SELECT p FROM (SELECT first, last FROM posting WHERE label = labels[1] AND last >= from_key AND last < endless ORDER BY label, last LIMIT matches_max) AS run,
          generate_series(greatest(run.first, from_key), least(run.last, to_key)) AS p LIMIT matches_max);
    ELSE
      matches := ARRAY(
        SELECT p FROM (
          (SELECT first, last FROM posting WHERE label = labels[1] AND last > -from_key ORDER BY label, last LIMIT 1)
          UNION ALL
          (SELECT first, last FROM posting WHERE label = labels[1] AND last <= -from_key ORDER BY label DESC, last DESC LIMIT matches_max)) AS run,
          generate_series(least(run.last, -from_key), greatest(run.first, -to_key), -1) AS p LIMIT matches_max);
    END IF;
    next_key := CASE WHEN cardinality(matches) < matches_max THEN to_key + 1 WHEN from_key >= 0 THEN matches[matches_max] + 1 ELSE 1 - matches[matches_max] END;
    RETURN NEXT;
    RETURN;
  END IF;

  WHILE next_key <= to_key AND steps_max > 0 AND cardinality(matches) < matches_max LOOP
    steps_max := steps_max - 1;
    least_of_all := endless;
    i := 1;
    WHILE i <= cardinality(labels) LOOP
      -- An item: all of its parts.
      candidate := next_key;
      DECLARE
        item CONSTANT int := items[i];
      BEGIN
        WHILE i <= cardinality(labels) AND items[i] = item LOOP
          part := parts[i];
          least_of_part := endless;
          WHILE i <= cardinality(labels) AND parts[i] = part LOOP
            IF candidate < endless AND labels[i] IS NOT NULL THEN
              IF nexts[i] < candidate THEN
                nexts[i] := seek_posting(labels[i], candidate);
              END IF;
              least_of_part := least(least_of_part, nexts[i]);
            END IF;
            i := i + 1;
          END LOOP;
          candidate := least_of_part;
        END LOOP;
      END;
      least_of_all := least(least_of_all, candidate);
    END LOOP;
    IF least_of_all = next_key THEN
      matches := matches || abs(next_key);
      next_key := next_key + 1;
    ELSE
      next_key := least(least_of_all, to_key + 1);
    END IF;
  END LOOP;
  RETURN NEXT;
END $$;

-- Last position recorded at or before an instant. Times never decrease, so halving finds it without an index.
CREATE FUNCTION last_position_at(limit_ms bigint, head bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  low bigint := 0;
  high bigint := head;
  middle bigint;
BEGIN
  WHILE low < high LOOP
    middle := (low + high + 1) / 2;
    IF (SELECT recorded_ms FROM event WHERE position = middle) <= limit_ms THEN
      low := middle;
    ELSE
      high := middle - 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;

-- Compare and set. A deleted key keeps its row without a value, so that no rev is used twice.
CREATE FUNCTION kv_put(of_key text, new_value bytea, expected_rev bigint) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  UPDATE kv SET rev = rev + 1, value = new_value WHERE key = of_key AND rev = expected_rev AND value IS NOT NULL RETURNING rev
$$;
CREATE FUNCTION kv_put_absent(of_key text, new_value bytea) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  INSERT INTO kv (key, rev, value) VALUES (of_key, 1, new_value)
  ON CONFLICT (key) DO UPDATE SET rev = kv.rev + 1, value = excluded.value WHERE kv.value IS NULL RETURNING rev
$$;

-- The only removal. remainders holds what is kept of each body, one after the other.
CREATE FUNCTION forget(positions bigint[], remainder_starts int[], remainder_bytes int[], remainders bytea, why text, now_ms bigint) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  WITH dropped AS (
    UPDATE event SET body = substr(remainders, f.start, f.bytes), forgotten = true
    FROM unnest(positions, remainder_starts, remainder_bytes) AS f (position, start, bytes)
    WHERE event.position = f.position AND NOT event.forgotten RETURNING event.position
  ), noted AS (
    INSERT INTO forgetting (position, forgotten_ms, reason) SELECT position, now_ms, why FROM dropped
  )
  SELECT count(*) FROM dropped
$$;

-- Where this copy of the log lives: another cluster, another timeline (after a failover, or a restore to a point in time) and tables
-- that were made anew (a restored dump) each give another epoch.
CREATE FUNCTION epoch_now() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  timeline text := CASE WHEN pg_is_in_recovery() THEN (SELECT lpad(upper(to_hex(timeline_id)), 8, '0') FROM pg_control_checkpoint()) ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END;
BEGIN
  RETURN (SELECT epoch FROM log) || '.' || (SELECT to_hex(system_identifier) FROM pg_control_system()) || '.' || timeline || '.' || 'event'::regclass::oid;
END $$;

-- An application's role reads, and writes through the functions alone.
CREATE FUNCTION grant_to(role_name text) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  here CONSTANT text := current_schema();
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', here, role_name);
  EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', here, role_name);
  EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', here, role_name);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA :schema FROM PUBLIC;
`;
