/** Makes `.refold/` with its configuration, its log and a README. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { systemInfo } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { openLocal } from '../connect.ts';
import { absoluteUrl, shownUrl } from '../find-store.ts';
import { ignoreLog } from '../ignore-log.ts';
import { isSet, textOf, usage } from '../options.ts';
import { configTemplate, readmeText } from '../templates.ts';

export const init = defineCommand({
  arguments: [{ name: '[dir]', doc: 'where to make it; default: here' }],
  options: [
    { flags: '--template <name>', doc: 'what the configuration starts from', choices: ['blank', 'jira', 'jobs', 'agents'] },
    { flags: '--force', doc: 'write an existing configuration anew; the log is never touched' },
    { flags: '-n, --dry-run', doc: 'say what would be made, make nothing' },
  ],
  examples: [
    ['refold init', 'a log in .refold/log.db below this folder'],
    ['refold init work --template agents', 'the same in ./work, with the phases of agents'],
  ],
  async run(session, { arguments: [directory = '.'], options }) {
    const { world, output, globals } = session;
    const folder = join(resolve(world.cwd, directory), '.refold');
    const shown = (name: string): string => relative(world.cwd, join(folder, name)) || name;
    const store = absoluteUrl(globals.store ?? `sqlite:${join(folder, 'log.db')}`, world.cwd);
    if (!store.startsWith('sqlite:')) throw usage('init makes a log in a file.', 'store', 'refold init --store sqlite:PATH');
    const template = textOf(options, 'template') ?? 'blank';
    const path = join(folder, 'config.yaml');
    if (existsSync(path) && !isSet(options, 'force')) throw usage(`${shown('config.yaml')} exists.`, 'exists', 'Leave it as it is, or refold init --force to write it anew.');
    if (isSet(options, 'dryRun')) {
      output.answer({ created: [], config: shown('config.yaml'), store: shownUrl(store, world.cwd) }, () => output.line(`would create ${shown('config.yaml')}, ${shown('README.md')}, ${shownUrl(store, world.cwd)}`));
      return output.note('nothing written.');
    }

    mkdirSync(folder, { recursive: true });
    writeFileSync(path, configTemplate(template, globals.store === undefined ? null : store));
    writeFileSync(join(folder, 'README.md'), readmeText);
    ignoreLog(folder);
    const connection = await openLocal(session, store);
    const info = await connection.call(systemInfo, {});
    await connection.close();
    output.answer({ created: [shown('config.yaml'), shown('README.md')], config: shown('config.yaml'), store: shownUrl(store, world.cwd), durability: info.engine['durability'], origin: info.origin }, (made) =>
      output.line(`created ${made.config}, ${shownUrl(store, world.cwd)} (durability ${String(made.durability)})`),
    );
    output.hint(directory === '.' ? 'refold import auto FILE     refold serve' : `cd ${directory}     refold import auto FILE     refold serve`);
  },
});
