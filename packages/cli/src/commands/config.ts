/** The configuration: is it right, what is in force and why, where is it read from. Needs no log. */
import { LogError } from '@refold/core';
import { defineCommand } from '../command.ts';
import { keysWithoutEffect } from '../config/acting-keys.ts';
import { leavesOf, overlay, treeWith } from '../config/config-tree.ts';
import type { Tree } from '../config/config-tree.ts';
import { isSet } from '../options.ts';

export const config = defineCommand({
  arguments: [{ name: '[action]', doc: 'print (default), check, path', choices: ['print', 'check', 'path'] }],
  options: [
    { flags: '--origin', doc: 'where each value came from' },
    { flags: '--strict', doc: 'check: a secret that others may read is an error' },
  ],
  examples: [
    ['refold config print --origin', 'every key, its value and where it came from'],
    ['refold config check', 'is everything right?'],
    ['refold config path', 'which files are read, the strongest first'],
  ],
  async run(session, { arguments: [action = 'print'], options }) {
    const { output } = session;
    const { config: values, origins, files, openSecrets } = session.config();
    if (action === 'path') return output.answer({ files }, () => files.forEach((file) => output.line(file)));
    const withoutEffect = keysWithoutEffect(origins);
    for (const key of withoutEffect) output.note(`warning: ${key} (${origins.get(key)}) has no effect in this release`);
    if (action === 'check') {
      const [first] = openSecrets;
      if (first !== undefined && isSet(options, 'strict'))
        throw new LogError('BAD_CONFIG', `${first.file} holds a secret (${first.key}) and others may read it.`, { details: { reason: 'secret', ...first }, hint: `chmod 600 ${first.file}, or take it from the environment: \${NAME}` });
      return output.answer({ ok: true, files, withoutEffect }, () => output.line(`ok   ${files.length === 0 ? 'defaults only' : files.join(', ')}`));
    }
    const rows = leavesOf(values).map(({ key, value }) => ({ key, value: shown(key, value), origin: origins.get(key) ?? 'default' }));
    const hasOrigin = isSet(options, 'origin');
    output.answer(hasOrigin ? { items: rows } : rows.reduce<Tree>((tree, { key, value }) => overlay(tree, treeWith(key, value)), {}), () =>
      output.table(rows, [
        { title: 'key', text: (row) => row.key },
        { title: 'value', text: (row) => JSON.stringify(row.value) },
        ...(hasOrigin ? [{ title: 'origin', text: (row: (typeof rows)[number]) => row.origin }] : []),
      ]),
    );
  },
});

/** What may hold a secret is shown as set, in every mode. */
function shown(key: string, value: unknown): unknown {
  const isSet = value !== null && !(Array.isArray(value) && value.length === 0);
  return isSet && /(?:^|\.)(?:secret|password|token|url|webhooks|signing_key|servers)$/.test(key) ? '(set)' : value;
}
