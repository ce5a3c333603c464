/** Who may call a server of this log: API keys (createApiKey, listApiKeys, revokeApiKey, rotateApiKey), and links for a browser. */
import { createApiKey, listApiKeys, revokeApiKey, roleNames, rotateApiKey } from '@refold/operations';
import { actorOf } from '../actor-argument.ts';
import { defineCommand } from '../command.ts';
import { durationMs } from '../duration.ts';
import { given, listOf, textOf, usage } from '../options.ts';
import { counted } from '../output.ts';
import { newSignInLink } from '../sign-in-link.ts';

const actions = ['list', 'create', 'revoke', 'rotate', 'link'] as const;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

export const tokenCommand = defineCommand({
  arguments: [
    { name: '[action]', doc: 'list (default), create, revoke, rotate; link signs a browser in', choices: actions },
    { name: '[id]', doc: 'of the key: revoke, rotate' },
  ],
  options: [
    { flags: '--name <text>', doc: 'create: what people call it; default: the actor' },
    { flags: '--role <role>', doc: 'create: what it may do', choices: roleNames },
    { flags: '--scope <scope...>', doc: 'create: fewer scopes than the role has' },
    { flags: '--actor <type:id>', doc: 'create: who acts when it is used' },
    { flags: '--streams <prefix>', doc: 'create: only streams whose address begins so; an agent needs it' },
    { flags: '--expires <duration>', doc: 'create: whole days until it ends; default 90d' },
    { flags: '--overlap <duration>', doc: 'rotate: whole hours that the old key goes on; default 24h' },
  ],
  examples: [
    ['refold token create --role viewer --actor user:ana', 'a key that may read; it is shown once'],
    ['refold token create --role agent --actor agent:planner --streams session/', 'a key for an agent and its streams'],
    ['refold token list', 'whose keys there are, until when, when last used'],
  ],
  async run(session, { arguments: [action = 'list', id], options }) {
    const { output } = session;
    if (action === 'link') {
      const link = await newSignInLink(session);
      return output.answer({ link }, () => output.line(link));
    }
    const connection = await session.connect();
    if (action === 'list') {
      const answer = await connection.call(listApiKeys, {});
      output.answer(answer, ({ items }) =>
        output.table(items, [
          { title: 'id', text: (key) => key.id },
          { title: 'state', text: (key) => stateOf(key, session.world.now()) },
          { title: 'role', text: (key) => key.role },
          { title: 'actor', text: (key) => `${key.actor.type}:${key.actor.id}` },
          { title: 'streams', text: (key) => key.streamPrefix ?? 'any' },
          { title: 'expires', text: (key) => output.instant(key.expiresAt) },
          { title: 'last used', text: (key) => (key.lastUsedAt === null ? 'never' : output.instant(key.lastUsedAt)) },
          { title: 'name', text: (key) => key.name, fills: true },
        ]),
      );
      return output.note(counted(answer.items.length, 'key'));
    }
    if (action === 'create') {
      const actor = textOf(options, 'actor');
      const role = textOf(options, 'role');
      if (actor === undefined || role === undefined) throw usage('A key needs a role and an actor.', 'role', 'refold token create --role viewer --actor user:ana');
      const expires = textOf(options, 'expires');
      const made = await connection.call(createApiKey, {
        name: textOf(options, 'name') ?? actor,
        actor: actorOf(actor),
        role,
        ...given({ scopes: listOf(options, 'scope'), streamPrefix: textOf(options, 'streams'), days: expires === undefined ? undefined : wholeOf(expires, dayMs, '--expires', 'days') }),
      });
      output.answer(made, ({ key }) => output.line(key));
      output.note(`key ${made.info.id} for ${actor}, until ${made.info.expiresAt}; it is not shown again`);
      return output.hint('keep it in a file that only its holder reads, and name that file in REFOLD_TOKEN_FILE');
    }
    if (id === undefined) throw usage(`Which key? ${action} takes its id.`, 'missing_argument', 'refold token list shows them');
    if (action === 'revoke') {
      const ended = await connection.call(revokeApiKey, { keyId: id });
      return output.answer(ended, () => output.line(`revoked ${ended.id}, of ${ended.actor.type}:${ended.actor.id}`));
    }
    const overlap = textOf(options, 'overlap');
    const made = await connection.call(rotateApiKey, { keyId: id, ...given({ overlapHours: overlap === undefined ? undefined : wholeOf(overlap, hourMs, '--overlap', 'hours') }) });
    output.answer(made, ({ key }) => output.line(key));
    output.note(`key ${made.info.id} takes the place of ${id}, until ${made.info.expiresAt}; it is not shown again`);
  },
});

function wholeOf(text: string, unitMs: number, flag: string, unit: string): number {
  const units = durationMs(text, flag) / unitMs;
  if (!Number.isInteger(units)) throw usage(`${flag} takes whole ${unit}, not ${text}.`, 'duration');
  return units;
}

function stateOf({ revokedAt, expiresAt, replacedBy }: { readonly revokedAt: string | null; readonly expiresAt: string; readonly replacedBy: string | null }, now: number): string {
  if (revokedAt !== null) return 'revoked';
  if (Date.parse(expiresAt) <= now) return 'expired';
  return replacedBy === null ? 'active' : 'replaced';
}
