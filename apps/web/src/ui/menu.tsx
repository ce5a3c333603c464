import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { Kbd } from './kbd.tsx';
import { classNames } from './class-names.ts';

export interface MenuItem {
  readonly label: string;
  readonly onChoose: () => void;
  readonly icon?: ReactNode;
  readonly keys?: string | undefined;
  readonly isDisabled?: boolean;
  readonly isChosen?: boolean;
  /** Why it cannot be chosen, or what it does. */
  readonly note?: string;
}

interface MenuProps {
  /** One element that opens it. */
  readonly trigger: ReactElement<Record<string, unknown>>;
  /** Groups are divided by a line. */
  readonly groups: readonly (readonly MenuItem[])[];
  readonly align?: 'start' | 'center' | 'end';
}

export function Menu({ trigger, groups, align = 'start' }: MenuProps): ReactElement {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className="z-50">
          <MenuItems groups={groups} />
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** What a menu shows, wherever it opens. */
export const MenuItems = ({ groups }: Pick<MenuProps, 'groups'>): ReactElement => (
  <Base.Popup className="max-h-[70vh] min-w-44 overflow-auto rounded border border-line bg-surface-1 py-1 text-body text-text shadow-over outline-none">
    {groups.filter(({ length }) => length > 0).map((items, index) => (
      <div key={items[0]!.label} className={classNames(index > 0 && 'mt-1 border-t border-line pt-1')}>
        {items.map(({ label, onChoose, icon, keys, isDisabled = false, isChosen, note }) => (
          <Base.Item key={label} disabled={isDisabled} onClick={onChoose} title={note} className="flex h-7 cursor-default items-center gap-2 px-3 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-surface-3">
            {isChosen !== undefined && <span aria-hidden className="w-3">{isChosen ? '✓' : ''}</span>}
            {icon}
            <span className="flex-1">{label}</span>
            {keys !== undefined && <Kbd keys={keys} />}
          </Base.Item>
        ))}
      </div>
    ))}
  </Base.Popup>
);
