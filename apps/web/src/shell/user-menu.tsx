/** Who has signed in, and what he may. */
import { CircleUser } from 'lucide-react';
import type { ReactElement } from 'react';
import { Popover } from '@base-ui/react/popover';
import { messages } from '../messages.ts';
import { Facts } from '../ui/section.tsx';
import { oneLine } from '../ui/visible-text.ts';
import { useWho } from '../who.ts';

export function UserMenu(): ReactElement | null {
  const who = useWho();
  if (who === null) return null;
  const name = who.actor === null ? messages.user.anybody : oneLine(who.actor.id, 60);
  const role = who.role ?? messages.user.noRole;
  return (
    <Popover.Root>
      <Popover.Trigger aria-label={messages.user.label(name, role)} className="inline-flex h-7 shrink-0 items-center gap-1.5 rounded px-1.5 text-text-2 hover:bg-surface-3 hover:text-text">
        <CircleUser size={16} aria-hidden />
        <span className="hidden max-w-40 truncate wide:inline">
          {name} · {role}
        </span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="end" className="z-50">
          <Popover.Popup aria-label={messages.user.title} className="max-w-80 rounded border border-line bg-surface-1 p-3 text-body text-text shadow-over outline-none">
            <Facts
              facts={[
                [messages.user.who, who.actor === null ? messages.user.anybody : oneLine(`${who.actor.type}:${who.actor.id}`, 120)],
                [messages.user.role, role],
                [messages.user.may, who.scopes.length === 0 ? messages.user.nothing : who.scopes.join(', ')],
                ...(who.streamPrefix === null ? [] : [[messages.user.streams, <code key="streams">{oneLine(who.streamPrefix, 120)}</code>] as const]),
              ]}
            />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
