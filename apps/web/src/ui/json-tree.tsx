/**
 * Any JSON as a tree of text. It is opened one level at a time and only so many members are drawn, so that depth and size cost
 * nothing until somebody asks to see them; texts are cut, and said to be.
 */
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { bytes } from '../times.ts';
import { classNames } from './class-names.ts';
import { visibleText } from './visible-text.ts';

interface JsonTreeProps {
  readonly value: unknown;
  /** What it is, for those who cannot see its surroundings. */
  readonly label: string;
  /** Levels that are open at first. */
  readonly openLevels?: number;
  readonly className?: string;
  /** What stands for a value that is not what it says; null for any other. */
  readonly markOf?: MarkOf;
}

type MarkOf = ((value: unknown) => ReactNode) | undefined;

const membersAtOnce = 100;
const textAtFirst = 400;
const textAtMost = 64 * 1_024;

export const JsonTree = ({ value, label, openLevels = 1, className, markOf }: JsonTreeProps): ReactElement => (
  <div role="group" aria-label={label} className={classNames('font-mono text-mono leading-6', className)}>
    <Member name={null} value={value} openLevels={openLevels} markOf={markOf} />
  </div>
);

interface MemberProps {
  readonly name: string | null;
  readonly value: unknown;
  readonly openLevels: number;
  readonly markOf: MarkOf;
}

function Member({ name, value, openLevels, markOf }: MemberProps): ReactElement {
  const mark = markOf?.(value) ?? null;
  if (mark !== null)
    return (
      <div className="flex min-h-6 items-center ps-4">
        <Name name={name} />
        {mark}
      </div>
    );
  if (typeof value === 'object' && value !== null) return <Branch name={name} value={value} openLevels={openLevels} markOf={markOf} />;
  return (
    <div className="flex ps-4">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({ name, value, openLevels, markOf }: MemberProps & { readonly value: object }): ReactElement {
  const [isOpen, setIsOpen] = useState(openLevels > 0);
  const [shown, setShown] = useState(membersAtOnce);
  const isList = Array.isArray(value);
  const keys = isList ? null : Object.keys(value);
  const size = isList ? value.length : keys!.length;
  if (size === 0)
    return (
      <div className="flex ps-4">
        <Name name={name} />
        <span className="text-text-2">{isList ? '[]' : '{}'}</span>
      </div>
    );
  const members = (): readonly (readonly [string, unknown])[] => (isList ? value.slice(0, shown).map((member: unknown, index) => [String(index), member] as const) : keys!.slice(0, shown).map((key) => [key, (value as { readonly [key: string]: unknown })[key]] as const));
  return (
    <div>
      <button type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)} className="flex min-h-6 max-w-full text-start hover:bg-surface-2">
        <span aria-hidden className="w-4 shrink-0 text-text-2">{isOpen ? '▾' : '▸'}</span>
        <Name name={name} />
        <span className="text-text-2">{isList ? `[${size}]` : `{${size}}`}</span>
      </button>
      {isOpen && (
        <div className="ms-1.5 border-s border-line ps-2.5">
          {members().map(([key, member]) => (
            <Member key={key} name={key} value={member} openLevels={openLevels - 1} markOf={markOf} />
          ))}
          {size > shown && (
            <button type="button" className="link ms-4 min-h-6" onClick={() => setShown(shown + 10 * membersAtOnce)}>
              {size - shown} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

const Name = ({ name }: { readonly name: string | null }): ReactNode => name !== null && <span className="me-2 max-w-[40ch] shrink-0 truncate text-text-2" title={visibleText(name.slice(0, textAtFirst))}>{visibleText(name.slice(0, textAtFirst))}:</span>;

function Leaf({ value }: { readonly value: unknown }): ReactElement {
  const [isWhole, setIsWhole] = useState(false);
  if (typeof value !== 'string') return <span className="text-text font-medium">{String(value)}</span>;
  const most = isWhole ? textAtMost : textAtFirst;
  return (
    <span className="foreign min-w-0 whitespace-pre-wrap">
      {visibleText(value.slice(0, most))}
      {value.length > most &&
        (isWhole ? (
          <span className="text-text-2"> … {bytes(value.length - most)} more are not shown</span>
        ) : (
          <button type="button" className="link ms-1" onClick={() => setIsWhole(true)}>
            … {bytes(value.length)}
          </button>
        ))}
    </span>
  );
}
