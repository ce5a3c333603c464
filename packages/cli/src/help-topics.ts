/** What is worth knowing beside the commands. */

export const helpTopics: { readonly [topic: string]: string } = {
  places: `Streams and places

A stream is type/id, for example orchestration/PROJ-123, session/258c, job/42.
  42           a bare id, when it names exactly one stream
  PROJ-123     an issue key: its orchestration
  latest       the newest run; latest:failed the newest failed one; latest:job the newest of a kind

A place is a stream and where to stand in it.
  PROJ-123@12                     after the 12th event
  PROJ-123@2025-12-22T10:00:00Z   as it happened: exactly the events with occurredAt up to it
  PROJ-123@start  @end  @~10      the first event, the newest, ten before the newest
  PROJ-123@first-bad              the first bad event that led to the failure, as refold blame finds it
Without @ it is the newest. Inside an id, @ is written %40 and % is written %25.
--clock known cuts an instant on recordedAt instead: what the log knew then.
`,
  expressions: `Expressions

One CEL expression as the argument of query and tail: what no flag says. Flags are indexed; the expression is tested on what they leave.
flips, blame --expect and debug ask one at every event of a stream.
  event      the envelope: event.type, event.actor.id, event.data.x, event.severity
  state      in travel --watch, flips, blame and debug: the folded state, state.currentPhase
  previous   in flips, blame and debug: the state before the event
Examples
  event.data.severity == "high"
  event.type.startsWith("agent_run.") && event.data.duration_seconds > 60.0
  has(event.data.error) && event.data.error.contains("timeout")
An event for which it cannot be evaluated does not match.
`,
  output: `Output

stdout is data, stderr is everything else.
  (default)   text for people; relative times and colour on a terminal, ISO times in a pipe
  --plain     tab-separated, one record per line; -v adds a header
  --json      one document, exactly the operation's output: a contract
  --jsonl     one record per line, as it comes
Event text is escaped: a log cannot move the cursor or set the title. --raw prints it as it is.
--time clock, iso, relative. -q only data and errors. -v more. NO_COLOR and --no-color are honoured.
--progress json prints progress as JSON lines on stderr; --no-progress none.
`,
  'exit-codes': `Exit codes

  0    done; also an empty answer
  1    the answer is no (--exit-code, doctor, bench --assert); INTERNAL
  2    usage, malformed input, configuration, too large
  3    not signed in, not allowed
  4    not found
  5    refused: conflict, validation, illegal transition, bad expression; an import or validate with rejects
  6    history deleted before that place
  7    precondition failed
  8    integrity: bad hash, corrupt or rolled-back log
  9    rate limited
  10   log unavailable, locked, timed out, outcome unknown
  130  interrupted; 143 terminated
An error prints "refold: error CODE: sentence", details, and a line that begins with try:. With --json it is JSON on stderr.
`,
  configuration: `Configuration

The strongest first: flags, REFOLD_* variables, --config FILE or REFOLD_CONFIG, ./.refold/config.yaml, ./config/event-sourcing.yaml,
$XDG_CONFIG_HOME/refold/config.yaml, defaults. refold config print --origin shows where each value came from.

  REFOLD_STORE REFOLD_SERVER REFOLD_CONFIG        what to work on
  REFOLD_TOKEN_FILE REFOLD_SIGNING_KEY            secrets: only from a file or the environment; a key for a server
  REFOLD_ISSUE_KEY REFOLD_SESSION_ID REFOLD_ACTOR context of what is written
  NO_COLOR PAGER                                  output
\${NAME} in a value is replaced from the environment. YAML 1.2: no tags, no key twice, true and false are the only flags.
`,
};

export const topicNames = Object.keys(helpTopics);
