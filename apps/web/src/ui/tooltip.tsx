import { Tooltip as Base } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';
import { Kbd } from './kbd.tsx';

interface TooltipProps {
  readonly says: ReactNode;
  readonly keys?: string | undefined;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that takes a ref and events. What a tooltip says is never said there alone. */
  readonly children: ReactElement<Record<string, unknown>>;
}

export function Tooltip({ says, keys, side = 'bottom', children }: TooltipProps): ReactElement {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} className="z-50">
          <Base.Popup className="flex max-w-80 items-center gap-2 rounded border border-line bg-surface-3 px-2 py-1 text-body text-text shadow-over">
            <span className="foreign">{says}</span>
            {keys !== undefined && <Kbd keys={keys} />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Tooltips after the first come at once. */
export const TooltipGroup = ({ children }: { readonly children: ReactNode }): ReactElement => <Base.Provider delay={400}>{children}</Base.Provider>;
