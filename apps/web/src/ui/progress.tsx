import type { ReactElement } from 'react';

interface ProgressProps {
  /** 0 to 1. */
  readonly value: number | null;
  readonly label: string;
  readonly className?: string;
}

/** A bar and its figure; where nobody said how far it is, neither. */
export function Progress({ value, label, className = 'w-28' }: ProgressProps): ReactElement | null {
  if (value === null || !Number.isFinite(value)) return null;
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <span className={`inline-flex items-center gap-2 ${className}`}>
      <span role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} className="h-1.5 min-w-8 flex-1 overflow-hidden rounded bg-surface-3">
        <span className="block h-full bg-running" style={{ width: `${percent}%` }} />
      </span>
      <span className="figures w-9 text-end text-text-2">{percent} %</span>
    </span>
  );
}
