import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface SectionProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

export const Section = ({ title, actions, children, className }: SectionProps): ReactElement => (
  <section aria-label={title} className={classNames('min-w-0', className)}>
    <div className="flex min-h-8 flex-wrap items-center gap-2">
      <h2 className="font-semibold">{title}</h2>
      {actions !== undefined && <div className="ms-auto flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
    {children}
  </section>
);

/** Names and values, two columns that line up. */
export const Facts = ({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }): ReactElement => (
  <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
    {facts.map(([name, value]) => (
      <div key={name} className="contents">
        <dt className="text-text-2">{name}</dt>
        <dd className="foreign m-0 min-w-0">{value}</dd>
      </div>
    ))}
  </dl>
);
