/** What stands for a value that was masked before it was stored. Two marks with one id hid the same value. */
import { isRedacted } from '@refold/core';
import type { ReactNode } from 'react';
import { visibleText } from './ui/visible-text.ts';

export function redactionMark(value: unknown): ReactNode {
  if (!isRedacted(value)) return null;
  const { $redacted: rule, len, id } = value as { readonly $redacted: string; readonly len?: number; readonly id?: string };
  return (
    <span className="rounded border border-dashed border-line bg-surface-2 px-1.5 font-sans text-small text-text-2">
      redacted before it was stored: {visibleText(rule)}
      {len !== undefined && `, ${len} characters`}
      {id !== undefined && (
        <>
          , <code title="The same value has the same id wherever it was masked in this log.">{id}</code>
        </>
      )}
    </span>
  );
}
