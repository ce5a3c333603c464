import { X } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { StatusGlyph } from './status-glyph.tsx';
import type { Tone } from './status-glyph.tsx';

interface ChipProps {
  readonly children: ReactNode;
  readonly tone?: Tone;
  readonly icon?: ReactNode;
  readonly title?: string;
  readonly className?: string;
}

export const chipClass = 'inline-flex h-6 max-w-full items-center gap-1.5 rounded border border-line bg-surface-2 px-2 text-body leading-none whitespace-nowrap text-text';

/** Text stays in the colour of text; the glyph carries the tone. */
export function Chip({ children, tone, icon, title, className }: ChipProps): ReactElement {
  return (
    <span className={classNames(chipClass, className)} title={title}>
      {tone !== undefined && <StatusGlyph tone={tone} />}
      {icon}
      <span className="min-w-0 truncate">{children}</span>
    </span>
  );
}

/** A chip that can be taken away. */
export function RemovableChip({ children, removal, onRemove }: { readonly children: ReactNode; readonly removal: string; readonly onRemove: () => void }): ReactElement {
  return (
    <span className={classNames(chipClass, 'pe-0')}>
      <span className="min-w-0 truncate">{children}</span>
      <button type="button" aria-label={removal} onClick={onRemove} className="inline-flex size-6 items-center justify-center rounded text-text-2 hover:bg-surface-3 hover:text-text">
        <X size={12} aria-hidden />
      </button>
    </span>
  );
}
