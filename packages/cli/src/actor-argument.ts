/** Who acts, as a person says it: `type:id`, or `type:id:model`. */
import { userInfo } from 'node:os';
import type { JsonObject } from '@refold/core';
import { textOf, usage } from './options.ts';
import type { OptionDefinition, Options } from './options.ts';
import type { World } from './world.ts';

/** Of commands that write events of their own. */
export const actorOption: OptionDefinition = { flags: '--actor <type:id>', doc: 'who acts; default REFOLD_ACTOR, else this user' };

export const actorGiven = (world: World, options: Options): JsonObject => actorOf(textOf(options, 'actor') ?? world.env['REFOLD_ACTOR']);

/** Nobody named: this user. @throws LogError BAD_REQUEST `actor`. */
export function actorOf(text: string | undefined): JsonObject {
  if (text === undefined || text === '') return { type: 'user', id: userInfo().username };
  const [type = '', id = '', ...model] = text.split(':');
  if (id === '') throw usage(`--actor takes type:id, not "${text}".`, 'actor', '--actor agent:planner or --actor user:ana');
  return { type, id, ...(model.length === 0 ? {} : { model: model.join(':') }) };
}
