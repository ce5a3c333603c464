/** Every command by name: what the first screen shows, and where the rest is loaded from when it is called. */
import type { CommandEntry } from './command.ts';

export const commandTable: readonly CommandEntry[] = [
  { name: 'init', group: 'Set up and run', doc: 'make .refold/ with configuration and log', load: async () => (await import('./commands/init.ts')).init },
  { name: 'serve', group: 'Set up and run', doc: 'REST, live events and MCP over HTTP', load: async () => (await import('./commands/serve.ts')).serve },
  { name: 'mcp', group: 'Set up and run', doc: 'the log for an agent: MCP on stdin and stdout', load: async () => (await import('./commands/mcp.ts')).mcp },
  { name: 'doctor', group: 'Set up and run', doc: 'is this log and this machine all right?', load: async () => (await import('./commands/doctor.ts')).doctorCommand },
  { name: 'config', group: 'Set up and run', doc: 'check, print and find the configuration', load: async () => (await import('./commands/config.ts')).config },
  { name: 'bench', group: 'Set up and run', doc: 'measure this machine, conditions printed', load: async () => (await import('./commands/bench.ts')).bench },
  { name: 'token', group: 'Set up and run', doc: 'keys for callers of a server, links for a browser', load: async () => (await import('./commands/token.ts')).tokenCommand },
  { name: 'completion', group: 'Set up and run', doc: 'completion for bash, zsh, fish', load: async () => (await import('./commands/completion.ts')).completion },

  { name: 'append', aliases: ['log'], group: 'Write', doc: 'write one event, or a batch', load: async () => (await import('./commands/append.ts')).append },
  { name: 'import', group: 'Write', doc: 'read what agents and tools have written', load: async () => (await import('./commands/import.ts')).importCommand },
  { name: 'job', group: 'Write', doc: 'create, look at and control jobs', load: async () => (await import('./commands/job.ts')).jobCommand },

  { name: 'runs', group: 'Read', doc: 'list runs: what ran, what failed', load: async () => (await import('./commands/runs.ts')).runs },
  { name: 'query', aliases: ['recent'], group: 'Read', doc: 'list events', load: async () => (await import('./commands/query.ts')).query },
  { name: 'tail', group: 'Read', doc: 'follow the end of the log', load: async () => (await import('./commands/tail.ts')).tail },
  { name: 'logs', group: 'Read', doc: 'what a server said about an event', load: async () => (await import('./commands/logs.ts')).logs },
  { name: 'show', aliases: ['get'], group: 'Read', doc: 'one event, whole', load: async () => (await import('./commands/show.ts')).show },
  { name: 'timeline', group: 'Read', doc: 'what ran when, and for how long', load: async () => (await import('./commands/timeline.ts')).timelineCommand },
  { name: 'stats', group: 'Read', doc: 'counts', load: async () => (await import('./commands/stats.ts')).statsCommand },
  { name: 'agents', group: 'Read', doc: 'what each agent did', load: async () => (await import('./commands/agents.ts')).agents },
  { name: 'types', group: 'Read', doc: 'event types, aliases, payloads', load: async () => (await import('./commands/types.ts')).types },

  { name: 'state', group: 'Time machine', doc: 'state of a run at any moment', load: async () => (await import('./commands/state.ts')).state },
  { name: 'open', group: 'Time machine', doc: 'what was under way at a moment', load: async () => (await import('./commands/open.ts')).open },
  { name: 'history', group: 'Time machine', doc: 'how a state came about', load: async () => (await import('./commands/history.ts')).historyCommand },
  { name: 'travel', aliases: ['time-travel'], group: 'Time machine', doc: 'look around at a moment', load: async () => (await import('./commands/travel.ts')).travel },
  { name: 'diff', group: 'Time machine', doc: 'what differs between two moments', load: async () => (await import('./commands/diff.ts')).diffCommand },
  { name: 'trace', group: 'Time machine', doc: 'causes and effects of an event', load: async () => (await import('./commands/trace.ts')).trace },
  { name: 'flips', group: 'Time machine', doc: 'when an expression became true or false', load: async () => (await import('./commands/flips.ts')).flipsCommand },
  { name: 'blame', group: 'Time machine', doc: 'the first bad event and its chain', load: async () => (await import('./commands/blame.ts')).blameCommand },
  { name: 'divergence', aliases: ['diverge'], group: 'Time machine', doc: 'where two runs part', load: async () => (await import('./commands/divergence.ts')).divergenceCommand },
  { name: 'compare', group: 'Time machine', doc: 'runs side by side', load: async () => (await import('./commands/compare.ts')).compare },
  { name: 'bisect', group: 'Time machine', doc: 'binary search with a command of yours', load: async () => (await import('./commands/bisect.ts')).bisectCommand },
  { name: 'fork', aliases: ['whatif'], group: 'Time machine', doc: 'what if: edit a history in memory', load: async () => (await import('./commands/fork.ts')).forkCommand },
  { name: 'coverage', group: 'Time machine', doc: 'what was not seen', load: async () => (await import('./commands/coverage.ts')).coverageCommand },
  { name: 'debug', group: 'Time machine', doc: 'walk through a run, both ways', load: async () => (await import('./commands/debug.ts')).debugCommand },

  { name: 'replay', group: 'Act', doc: 'plan or do again, by what may be repeated', load: async () => (await import('./commands/replay.ts')).replay },
  { name: 'rerun', group: 'Act', doc: 'a new job from an old one', load: async () => (await import('./commands/rerun.ts')).rerun },
  { name: 'checkpoint', group: 'Act', doc: 'places a run can be set back to', load: async () => (await import('./commands/checkpoint.ts')).checkpoint },

  { name: 'verify', group: 'Prove and keep', doc: 'recompute hashes, chains and order', load: async () => (await import('./commands/verify.ts')).verify },
  { name: 'validate', group: 'Prove and keep', doc: 'are events as they should be? with line numbers', load: async () => (await import('./commands/validate.ts')).validate },
  { name: 'migrate', group: 'Prove and keep', doc: 'copy the log to another engine, position by position', load: async () => (await import('./commands/migrate.ts')).migrate },
  { name: 'snapshot', group: 'Prove and keep', doc: 'states kept for quick folds', load: async () => (await import('./commands/snapshot.ts')).snapshot },

  { name: 'call', group: 'Everything else', doc: 'any operation by its name', load: async () => (await import('./commands/call.ts')).callCommand },
  { name: 'help', group: 'Everything else', doc: 'places, expressions, output, exit-codes, configuration', load: async () => (await import('./commands/help.ts')).help },
];
