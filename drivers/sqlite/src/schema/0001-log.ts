/**
 * The tables of a log. Once released this text never changes: its checksum is kept in every file it made.
 *
 * - `event` holds facts and nothing that follows from them. The head is its last row, and where a stream stands is read
 *   off the index over (stream, revision): there is no second truth to fall out of step, and an append dirties a page less.
 * - An event's row holds its type and its tags (parted by NUL, which no tag has) as they are: a reading looks nothing up,
 *   and `label` and `posting` can be thrown away and made again from `event`. Streams are integers, for the sake of the index.
 * - `posting` answers queries: the events that carry a label, as runs of neighbouring positions [first, last]. It is
 *   filled up to `log.indexed`, a thousand events at a time; those behind it are looked up in `event` (postings.ts).
 *   A label is a type (kind 0) or a tag (kind 1).
 * - What a commit's events share stands once, with its first event (`place` 0): the commit's id and the time.
 * - `record` is the leaf, the leaf before it in the stream, and the body, one after the other: `hashes` (0, 1 or 2) says
 *   how many 32-byte hashes stand in front. One blob is read in half the time of three.
 * - The triggers are for mistakes, not for attackers: who can write the file can drop them. Evidence is the tree's task.
 */
export const log0001 = `
CREATE TABLE log (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  epoch TEXT NOT NULL,
  indexed INTEGER NOT NULL
) STRICT;

CREATE TABLE stream (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE label (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
  name TEXT NOT NULL,
  UNIQUE (name, kind)
) STRICT;

CREATE TABLE "commit" (
  id TEXT PRIMARY KEY,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  position INTEGER PRIMARY KEY,
  place INTEGER NOT NULL,
  commit_id TEXT CHECK ((commit_id IS NULL) = (place > 0)),
  recorded_ms INTEGER CHECK ((recorded_ms IS NULL) = (place > 0)),
  stream INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  type TEXT NOT NULL,
  forgotten INTEGER NOT NULL DEFAULT 0 CHECK (forgotten IN (0, 1)),
  hashes INTEGER NOT NULL CHECK (hashes IN (0, 1, 2)),
  id TEXT NOT NULL,
  tags TEXT NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_by_stream ON event (stream, revision);
CREATE UNIQUE INDEX event_by_id ON event (id);

CREATE TABLE posting (
  label INTEGER NOT NULL,
  last INTEGER NOT NULL,
  first INTEGER NOT NULL,
  PRIMARY KEY (label, last)
) STRICT, WITHOUT ROWID;

CREATE TABLE forgetting (
  position INTEGER PRIMARY KEY,
  forgotten_ms INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;

CREATE TABLE kv (
  key TEXT NOT NULL UNIQUE,
  rev INTEGER NOT NULL,
  value BLOB
) STRICT;

CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;

CREATE TRIGGER event_is_immutable BEFORE UPDATE ON event
WHEN NOT (
  OLD.forgotten = 0 AND NEW.forgotten = 1
  AND NEW.position = OLD.position AND NEW.place = OLD.place
  AND NEW.commit_id IS OLD.commit_id AND NEW.recorded_ms IS OLD.recorded_ms
  AND NEW.stream = OLD.stream AND NEW.revision = OLD.revision
  AND NEW.type = OLD.type AND NEW.id = OLD.id AND NEW.tags = OLD.tags
  AND NEW.hashes = OLD.hashes
  AND substr(NEW.record, 1, 32 * OLD.hashes) = substr(OLD.record, 1, 32 * OLD.hashes)
)
BEGIN SELECT RAISE(ABORT, 'an event is never changed, only its body may be forgotten'); END;

CREATE TRIGGER commit_stays BEFORE DELETE ON "commit"
BEGIN SELECT RAISE(ABORT, 'a commit is never deleted'); END;

CREATE TRIGGER commit_is_immutable BEFORE UPDATE ON "commit"
BEGIN SELECT RAISE(ABORT, 'a commit is never changed'); END;

CREATE TRIGGER log_stays BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'a log keeps its name'); END;

CREATE TRIGGER log_only_grows BEFORE UPDATE ON log
WHEN NEW.indexed < OLD.indexed OR NEW.origin <> OLD.origin
BEGIN SELECT RAISE(ABORT, 'the index never goes back, and the name of a log stays'); END;
`;
