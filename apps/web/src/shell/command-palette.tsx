/** Every page and everything that is bound, by its words; what is typed may also be a place. */
import { useRouter } from '@tanstack/react-router';
import { useId, useMemo, useState } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { messages } from '../messages.ts';
import { pages } from '../pages.ts';
import { useScopes, ways } from '../shortcuts/shortcuts.ts';
import { classNames } from '../ui/class-names.ts';
import { Dialog } from '../ui/dialog.tsx';
import { inputClass } from '../ui/field.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { rankCommands } from './rank-commands.ts';
import type { Command } from './rank-commands.ts';
import { placeIn } from './search-destination.ts';

export const CommandPalette = ({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactElement => (
  <Dialog isOpen={isOpen} onClose={onClose} title={messages.palette}>
    <Commands onDone={onClose} />
  </Dialog>
);

function Commands({ onDone }: { readonly onDone: () => void }): ReactElement {
  const router = useRouter();
  const scopes = useScopes();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const listId = useId();

  const commands = useMemo((): readonly Command[] => {
    const bound = scopes.flatMap(({ name, bindings }) => bindings.map(({ keys, says, run }) => ({ name: says, group: name, keys: ways(keys)[0]!, run })));
    const known = new Set(bound.map(({ name }) => name));
    const others = pages.filter(({ path, title }) => !path.includes('$') && !known.has(title)).map(({ path, title }) => ({ name: title, group: messages.navigation, keys: null, run: () => void router.navigate({ to: path }) }));
    return [...bound, ...others];
  }, [scopes, router]);

  const href = placeIn(text.trim());
  const toPlace: readonly Command[] = href === null ? [] : [{ name: text.trim(), group: messages.search, keys: null, run: () => void router.navigate({ href }) }];
  const found = [...toPlace, ...rankCommands(commands, text)];
  const current = Math.min(chosen, found.length - 1);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onDone();
    // The dialog gives the focus back first; a command may be about where it was.
    setTimeout(command.run);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setChosen(Math.min(found.length - 1, current + 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(0, current - 1));
    else if (event.key === 'Enter') run(found[current]);
    else return;
    event.preventDefault();
  };

  return (
    <div className="flex flex-col gap-2">
      <input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={found.length === 0 ? undefined : `${listId}${current}`}
        aria-label={messages.paletteLabel}
        placeholder={messages.paletteLabel}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        className={classNames(inputClass, 'h-9 px-3')}
      />
      <div id={listId} role="listbox" aria-label={messages.palette} className="max-h-[44vh] overflow-auto">
        {found.map((command, index) => (
          // Keys are the input's, which says which option is chosen.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- see above
          <div
            key={`${command.group} ${command.name}`}
            id={`${listId}${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            ref={index === current ? scrollIntoView : null}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(command)}
            className={classNames('flex h-8 cursor-default items-center gap-3 rounded px-2', index === current && 'bg-surface-3')}
          >
            <span className="foreign min-w-0 truncate">{command.name}</span>
            <span className="ms-auto shrink-0 text-text-2">{command.group}</span>
            {command.keys !== null && <Kbd keys={command.keys} />}
          </div>
        ))}
      </div>
      {found.length === 0 && <p role="status" className="px-2 text-text-2">{messages.paletteEmpty}</p>}
    </div>
  );
}

const scrollIntoView = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' });
