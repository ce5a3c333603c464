/** The menu of what stands under the pointer, or of the row that has the focus: one for a whole list. */
import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement } from 'react';
import { MenuItems } from './menu.tsx';
import type { MenuItem } from './menu.tsx';

export interface ContextMenuProps {
  /** Where it opens, in pixels of the window; null = closed. */
  readonly at: { readonly x: number; readonly y: number } | null;
  readonly groups: readonly (readonly MenuItem[])[];
  readonly onClose: () => void;
}

export function ContextMenu({ at, groups, onClose }: ContextMenuProps): ReactElement | null {
  if (at === null) return null;
  return (
    <Base.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Base.Portal>
        <Base.Positioner anchor={{ getBoundingClientRect: () => new DOMRect(at.x, at.y, 0, 0) }} side="bottom" align="start" className="z-50">
          <MenuItems groups={groups} />
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
