/** The troubleshooting recipes as checks: doctor. */
import { doctor } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { given, wholeNumberOf } from '../options.ts';

const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export const doctorCommand = defineCommand({
  arguments: [],
  options: [{ flags: '--expect <n>', doc: 'events that the issue should have' }],
  examples: [
    ['refold doctor', 'engine, index, clock, types, search, snapshots'],
    ['refold doctor --issue PROJ-123', 'and are the events of an issue there? --expect says how many'],
  ],
  async run(session, { options }) {
    const { output, globals } = session;
    const answer = await (await session.connect()).call(doctor, given({ issue: globals.issue, expect: wholeNumberOf(options, 'expect') }));
    output.answer(answer, ({ findings }) => {
      if (output.options.mode !== 'plain') output.line(`${output.style('green', 'ok'.padEnd(4))}  node ${process.versions.node}`);
      for (const { level, check, detail, hint } of findings)
        if (output.options.mode === 'plain') output.line([level, check, output.safe(detail), hint ?? ''].join('\t'));
        else output.line(`${output.style(styles[level], level.padEnd(4))}  ${check}: ${output.safe(detail)}${hint === null ? '' : `     try: ${hint}`}`);
    });
    return answer.ok ? 0 : 1;
  },
});
