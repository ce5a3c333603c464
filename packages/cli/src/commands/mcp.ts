/** The log for an agent: MCP on stdin and stdout, until the client goes. Everything that is no message goes to stderr. */
import { randomUUID } from 'node:crypto';
import { runOperation } from '@refold/operations';
import { serveMcp } from '@refold/server';
import { defineCommand } from '../command.ts';
import { isSet } from '../options.ts';
import { addressOf } from '../place-argument.ts';
import { quoted } from '../quoted.ts';
import { version } from '../version.ts';

export const mcp = defineCommand({
  arguments: [],
  options: [{ flags: '--allow-write', doc: 'offer the tools that append, too' }],
  examples: [
    ['refold mcp', 'the log from here upward, to be read'],
    ['refold mcp --allow-write', 'and to be written'],
  ],
  async run(session, { options }) {
    const { world, output } = session;
    const connection = await session.connect();
    await serveMcp({
      input: world.stdin,
      output: world.stdout,
      signal: world.signal,
      door: {
        version,
        allowWrite: isSet(options, 'allowWrite'),
        call: async (operation, input, signal) => {
          const { local } = connection;
          return local === null || signal === undefined ? await connection.call(operation, input) : await runOperation(operation, { ...local, gone: signal }, input);
        },
        newRequestId: randomUUID,
        failed(thrown, problem) {
          // Refusals are told to the agent; a fault of ours would be told to nobody else.
          if (problem.status < 500) return;
          output.note(`refold: error ${problem.code} ${problem.requestId}`);
          if (thrown instanceof Error && output.options.verbose > 0) output.note(thrown.stack ?? thrown.message);
        },
        open: (address, revision) => `refold show ${quoted(addressOf(address, revision))}`,
      },
    });
  },
});
