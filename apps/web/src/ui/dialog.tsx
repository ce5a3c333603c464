import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { uiMessages } from './messages.ts';
import { classNames } from './class-names.ts';

interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly width?: 'small' | 'medium' | 'large';
  /** `side`: a drawer at the end of the line, for a look beside the list. */
  readonly place?: 'middle' | 'side' | 'start';
  /** A drawer that leaves the page usable. Default true. */
  readonly isModal?: boolean;
}

const widths = { small: 'w-[440px]', medium: 'w-[640px]', large: 'w-[960px]' } as const;

/** Focus goes in, stays in, and comes back; Escape and a press outside close it. */
export function Dialog({ isOpen, onClose, title, description, children, footer, width = 'medium', place = 'middle', isModal = true }: DialogProps): ReactElement {
  const box =
    place === 'middle'
      ? classNames('top-[12vh] left-1/2 max-h-[76vh] max-w-[calc(100vw-24px)] -translate-x-1/2 rounded', widths[width])
      : classNames('inset-y-0 max-w-full border-y-0', place === 'side' ? 'end-0 w-[560px]' : 'start-0 w-[260px]');
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()} modal={isModal} disablePointerDismissal={!isModal}>
      <Base.Portal>
        {isModal && <Base.Backdrop className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.35)]" />}
        <Base.Popup className={classNames('fixed z-40 flex flex-col border border-line bg-surface-1 text-text shadow-over outline-none', box)}>
          <header className="flex min-h-11 shrink-0 items-center gap-3 border-b border-line ps-4 pe-2">
            <Base.Title className="min-w-0 flex-1 truncate py-2 text-title font-semibold">{title}</Base.Title>
            <Base.Close aria-label={uiMessages.close} className="inline-flex size-7 items-center justify-center rounded text-text-2 hover:bg-surface-3 hover:text-text">
              <X size={16} aria-hidden />
            </Base.Close>
          </header>
          {description !== undefined && <Base.Description className="px-4 pt-3 text-text-2">{description}</Base.Description>}
          <div className="min-h-0 flex-1 overflow-auto p-4" tabIndex={-1}>{children}</div>
          {footer !== undefined && <footer className="flex shrink-0 flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-2">{footer}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
