/** `npm run bench [-- append peers postgres jsonl read query travel import doors start-up web] [--events=N] [--rounds=N] [--out=FILE]` */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchGroups, reaches, runBench } from './index.ts';
import type { BenchGroup } from './index.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { events: { type: 'string' }, rounds: { type: 'string' }, out: { type: 'string' } } });
const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = join(root, 'examples');
const demo = join(examples, 'claude-code');
const transcript = readdirSync(demo).find((name) => name.endsWith('.jsonl'));

const postgresUrl = process.env['REFOLD_BENCH_POSTGRES_URL'];
if (positionals.includes('postgres') && postgresUrl === undefined) console.error('Set REFOLD_BENCH_POSTGRES_URL to a database in which schemas may be made: the group postgres is left out.');

const result = await runBench({
  ...(positionals.length === 0 ? {} : { groups: positionals.filter((name): name is BenchGroup => (benchGroups as readonly string[]).includes(name)) }),
  ...(values.events === undefined ? {} : { events: Number(values.events) }),
  ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
  ...(transcript === undefined ? {} : { transcript: join(demo, transcript) }),
  ...(postgresUrl === undefined ? {} : { postgresUrl }),
  examples,
  cli: join(root, 'packages/cli/bundle/main.js'),
  print: (text) => void process.stdout.write(`${text}\n`),
});
const verdicts = result.rows.map(reaches);
process.stdout.write(`\n${verdicts.filter((verdict) => verdict === true).length} targets reached, ${verdicts.filter((verdict) => verdict === false).length} missed\n`);
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
