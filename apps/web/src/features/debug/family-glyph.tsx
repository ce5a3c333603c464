/** The family of an event as a shape in its colour; the word stands in the title, and the type beside it. */
import type { ReactElement } from 'react';
import type { Family } from '../../families.ts';

const shapes: { readonly [F in Family]: ReactElement } = {
  flow: <path d="M1.5 6h7M6 2.5 9.5 6 6 9.5" />,
  agent: <><circle cx="6" cy="3.8" r="2.2" /><path d="M1.8 11c.4-2.6 2-3.8 4.2-3.8s3.8 1.2 4.2 3.8" /></>,
  model: <path d="M6 1l1.3 3.7L11 6 7.3 7.3 6 11 4.7 7.3 1 6l3.7-1.3Z" />,
  effect: <path d="M7 1 3 6.6h3L5 11l4-5.6H6Z" />,
  quality: <path d="M6 1l4.3 1.7V6c0 2.5-1.800 4.2-4.3 5-2.5-.8-4.3-2.5-4.3-5V2.7Z" />,
  neutral: <circle cx="6" cy="6" r="2" />,
};

const colours: { readonly [F in Family]: string } = { flow: 'text-flow', agent: 'text-agent', model: 'text-model', effect: 'text-effect', quality: 'text-quality', neutral: 'text-neutral' };

export const FamilyGlyph = ({ family, label }: { readonly family: Family; readonly label: string }): ReactElement => (
  <svg role="img" aria-label={label} data-glyph={family} viewBox="0 0 12 12" width="12" height="12" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" className={colours[family]}>
    <title>{label}</title>
    {shapes[family]}
  </svg>
);
