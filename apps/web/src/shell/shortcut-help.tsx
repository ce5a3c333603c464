import type { ReactElement } from 'react';
import { messages } from '../messages.ts';
import { prefer, usePreferences } from '../preferences.ts';
import { useScopes, ways } from '../shortcuts/shortcuts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Kbd } from '../ui/kbd.tsx';

/** What is bound here and now. */
export function ShortcutHelp({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactElement {
  const scopes = useScopes();
  const { singleKeys } = usePreferences();
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={messages.help} description={messages.helpDescription} width="large">
      <label className="mb-4 flex items-center gap-2">
        <input type="checkbox" checked={singleKeys} onChange={(event) => prefer({ singleKeys: event.target.checked })} className="size-4 accent-accent" />
        {messages.helpSwitch}
      </label>
      <div className="gap-8 column:columns-2">
        {scopes.map(({ name, bindings }, index) => (
          <section key={`${name} ${index}`} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 font-semibold">{name}</h3>
            <dl>
              {bindings.map(({ keys, says }) => (
                <div key={`${keys} ${says}`} className="flex min-h-6 items-center justify-between gap-4 border-b border-line py-0.5">
                  <dt>{says}</dt>
                  <dd className="flex gap-2">
                    {ways(keys).map((way) => (
                      <Kbd key={way} keys={way} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
