/** Measures this machine: the ceilings and the product's full path beside them, in one run. */
import { benchGroups, reaches, runBench } from '@refold/bench';
import type { BenchGroup } from '@refold/bench';
import { defineCommand } from '../command.ts';
import { examplesFolder } from '../demo.ts';
import { textOf, wholeNumberOf } from '../options.ts';

export const bench = defineCommand({
  arguments: [{ name: '[groups...]', doc: 'what to measure; default: all', choices: benchGroups }],
  options: [
    { flags: '--events <n>', doc: 'events of the large logs; default 1,000,000' },
    { flags: '--rounds <n>', doc: 'rounds per figure' },
    { flags: '--transcript <file>', doc: 'a Claude Code transcript, for import' },
    { flags: '--assert', doc: 'exit 1 when a target is missed' },
  ],
  examples: [],
  async run({ output }, { arguments: chosen, options }) {
    const [events, rounds, transcript] = [wholeNumberOf(options, 'events', 1), wholeNumberOf(options, 'rounds', 1), textOf(options, 'transcript')];
    const examples = examplesFolder();
    const result = await runBench({
      // The parser has held them against the choices.
      ...(chosen.length === 0 ? {} : { groups: chosen as BenchGroup[] }),
      ...(events === undefined ? {} : { events }),
      ...(rounds === undefined ? {} : { rounds }),
      ...(transcript === undefined ? {} : { transcript }),
      ...(examples === null ? {} : { examples }),
      // What a person started is what is measured.
      cli: process.argv[1]!,
      ...(output.options.mode === 'text' ? { print: (text: string) => output.line(text) } : {}),
    });
    if (output.options.mode !== 'text') output.answer(result, () => result.rows.forEach((row) => output.line(JSON.stringify(row))));
    return options['assert'] === true && result.rows.some((row) => reaches(row) === false) ? 1 : 0;
  },
});
