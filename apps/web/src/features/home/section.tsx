import type { ReactElement, ReactNode } from 'react';

/** A part of the page under its heading. */
export const Section = ({ title, facts, children }: { readonly title: string; readonly facts?: ReactNode; readonly children: ReactNode }): ReactElement => (
  <section aria-label={title}>
    <header className="flex min-h-8 items-center gap-3 px-4">
      <h2 className="font-semibold">{title}</h2>
      {facts}
    </header>
    {children}
  </section>
);
