/** What a line of the console does: an expression is evaluated at the cursor, a command asks about the whole run. Nothing is written. */
import { FoldError } from './fold-client.ts';
import type { DebugModel } from './debug-model.ts';
import { pointerText } from './pointer-text.ts';

const help = `<expression>            CEL at the cursor: state, previous, event, event.data
/flips <expression>     every change of truth
/first <expression>     where it first became true
/count <expression>     events for which it holds
/diff <place> <place>   what differs between two places
/who <pointer>          which event set a value, for example /who /status
/go <place>             travel: 42, end, ~10, first-bad, an instant`;

const shownMax = 50;

export async function runConsoleLine(model: DebugModel, text: string): Promise<void> {
  const { say, client, address, cursor } = model;
  say({ kind: 'asked', text });
  const [command = '', ...words] = text.split(/\s+/);
  const rest = text.slice(command.length).trim();
  const { revision } = cursor.get();
  try {
    switch (command) {
      case '/help':
        return say({ kind: 'value', text: help });
      case '/go':
        if (!(await model.goTo(rest))) say({ kind: 'error', text: model.notice.get().text ?? 'There is no such place.' });
        return;
      case '/flips':
      case '/first': {
        const { items, summary } = await client.flips({ ...address, expression: rest }, { timeoutMs: 120_000 });
        const shown = command === '/first' ? items.filter(({ to }) => to === true).slice(0, 1) : items.slice(0, shownMax);
        for (const { revision: at, from, to, type } of shown) say({ kind: 'value', text: `${String(from)} → ${String(to)}  ${type}`, revision: at });
        return say({ kind: 'value', text: shown.length === 0 ? `It was ${String(summary.start)} throughout ${summary.events} events.` : `${summary.flips} flips in ${summary.events} events${items.length > shown.length && command === '/flips' ? `, the first ${shownMax} shown` : ''}` });
      }
      case '/count': {
        const { matched, warnings } = await client.streamIndex({ ...address, where: rest });
        say({ kind: 'value', text: `${matched} events` });
        for (const warning of warnings ?? []) say({ kind: 'error', text: warning });
        return;
      }
      case '/diff': {
        const [fromPlace, toPlace, path] = words;
        if (fromPlace === undefined || toPlace === undefined) return say({ kind: 'error', text: 'Two places are needed: /diff 10 20' });
        const { patches } = await client.diffStates({ ...address, fromPlace, toPlace, ...(path === undefined ? {} : { path }) });
        for (const { op, path: at, before, after } of patches.slice(0, shownMax)) say({ kind: 'value', text: `${op} ${pointerText(at)}  ${JSON.stringify(before).slice(0, 120)} → ${JSON.stringify(after).slice(0, 120)}` });
        return say({ kind: 'value', text: `${patches.length} changes` });
      }
      case '/who': {
        const { items } = await client.provenance({ ...address, revision, path: rest }, { timeoutMs: 120_000 });
        for (const { path, value, setBy } of items.slice(0, shownMax)) say({ kind: 'value', text: `${pointerText(path)} = ${JSON.stringify(value ?? null).slice(0, 200)}  ${setBy === null ? 'from the beginning' : setBy.type}`, ...(setBy === null ? {} : { revision: setBy.revision }) });
        return;
      }
      default: {
        if (command.startsWith('/')) return say({ kind: 'error', text: `There is no command ${command}. /help lists them.` });
        const { value, error } = await model.fold.ask({ is: 'evaluate', revision, expression: text });
        return say(error === null ? { kind: 'value', text: JSON.stringify(value, null, 2).slice(0, 20_000) } : { kind: 'error', text: error });
      }
    }
  } catch (error) {
    say({ kind: 'error', text: error instanceof FoldError || error instanceof Error ? error.message : String(error) });
  }
}
