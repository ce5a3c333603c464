import { Tabs as Base } from '@base-ui/react/tabs';
import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';

const look = 'relative inline-flex h-8 items-center gap-1.5 px-3 whitespace-nowrap text-text-2 hover:text-text';
const chosen = 'text-text font-medium after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:bg-accent';

export interface Tab<T extends string> {
  readonly value: T;
  readonly label: ReactNode;
}

interface TabsProps<T extends string> {
  readonly tabs: readonly Tab<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly label: string;
  readonly children: ReactNode;
  readonly className?: string;
}

/** Views of one pane. What has an address of its own is a `TabLinks`. */
export function Tabs<T extends string>({ tabs, value, onChange, label, children, className }: TabsProps<T>): ReactElement {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(next as T)} className={classNames('flex min-h-0 flex-col', className)}>
      <Base.List aria-label={label} className="flex shrink-0 overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <Base.Tab key={tab.value} value={tab.value} className={classNames(look, tab.value === value && chosen)}>
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel value={value} className="min-h-0 flex-1 overflow-auto outline-none">
        {children}
      </Base.Panel>
    </Base.Root>
  );
}

/** Pages of one thing, each with its address. */
export function TabLinks({ tabs, label }: { readonly tabs: readonly { readonly href: string; readonly label: string; readonly isCurrent: boolean }[]; readonly label: string }): ReactElement {
  return (
    <nav aria-label={label} className="flex shrink-0 overflow-x-auto border-b border-line px-2">
      {tabs.map((tab) => (
        <Link key={tab.label} to={tab.href} aria-current={tab.isCurrent ? 'page' : undefined} className={classNames(look, tab.isCurrent && chosen)}>
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
