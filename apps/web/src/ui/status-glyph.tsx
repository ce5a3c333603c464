/** Shape, word and colour say the same, so that none is needed alone. Drawn on 12 x 12. */
import type { ReactElement } from 'react';
import { classNames } from './class-names.ts';

export type Tone = 'ok' | 'running' | 'waiting' | 'warn' | 'error' | 'critical' | 'cancelled' | 'tampered' | 'unknown' | 'quiet';

/** Written out: the classes are found in the sources. */
const textOf: { readonly [tone in Tone]: string } = {
  ok: 'text-ok', running: 'text-running', waiting: 'text-text-2', warn: 'text-warn', error: 'text-error', critical: 'text-critical', cancelled: 'text-cancelled', tampered: 'text-tampered', unknown: 'text-text-2', quiet: 'text-text-2',
};
export const toneClass = (tone: Tone): string => textOf[tone];

const shapes: { readonly [tone in Tone]: ReactElement } = {
  ok: <path d="M2 6.5 4.8 9.3 10 3.2" />,
  running: (
    <>
      <circle cx="6" cy="6" r="4.6" strokeWidth="1.4" />
      <path d="M6 6V1.4A4.6 4.6 0 0 1 10.6 6Z" fill="currentColor" stroke="none" />
    </>
  ),
  waiting: <circle cx="6" cy="6" r="4.2" strokeWidth="1.4" strokeDasharray="2 1.7" />,
  warn: (
    <>
      <path d="M6 1.4 11 10.4H1Z" strokeWidth="1.4" />
      <path d="M6 5v2.4M6 9v.1" strokeWidth="1.4" />
    </>
  ),
  error: <path d="M2.5 2.5l7 7m0-7-7 7" />,
  critical: (
    <>
      <path d="M3.7.8h4.6l2.9 2.9v4.6l-2.9 2.9H3.7L.8 8.3V3.7Z" fill="currentColor" stroke="none" />
      <path d="M6 3.2v3.4M6 8.7v.1" stroke="var(--surface-1)" strokeWidth="1.6" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="6" cy="6" r="4.6" strokeWidth="1.4" />
      <path d="M2.8 9.2 9.2 2.8" strokeWidth="1.4" />
    </>
  ),
  tampered: (
    <>
      <path d="M6 1 10.4 2.6V6c0 2.6-1.9 4.3-4.4 5-2.5-.7-4.4-2.4-4.4-5V2.6Z" strokeWidth="1.3" />
      <path d="M6.6 2.2 5 5.2l2 1.2L5.4 9.6" strokeWidth="1.2" />
    </>
  ),
  unknown: <path d="M3.8 4.2C3.8 2.8 4.8 2 6 2s2.2.8 2.2 2c0 1.5-2.2 1.7-2.2 3.2M6 9.6v.1" strokeWidth="1.6" />,
  quiet: <circle cx="6" cy="6" r="2" fill="currentColor" stroke="none" />,
};

interface StatusProps {
  readonly tone: Tone;
  /** Said in words; without it the word has to stand beside it. */
  readonly word?: string;
  /** false: the word is for those who cannot see the shape. */
  readonly showsWord?: boolean;
  readonly className?: string;
}

export function StatusGlyph({ tone, word, showsWord = false, className }: StatusProps): ReactElement {
  const isNamed = word !== undefined && !showsWord;
  return (
    <span className={classNames('inline-flex items-center gap-1.5 align-middle whitespace-nowrap', textOf[tone], className)} title={isNamed ? word : undefined}>
      <svg data-glyph={tone} viewBox="0 0 12 12" width="12" height="12" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" className="shrink-0" {...(isNamed ? { role: 'img', 'aria-label': word } : { 'aria-hidden': true })}>
        {shapes[tone]}
      </svg>
      {showsWord && word !== undefined && <span>{word}</span>}
    </span>
  );
}
