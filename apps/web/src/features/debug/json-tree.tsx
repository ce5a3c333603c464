/** JSON as a tree that opens where one looks; large lists in pieces, deep ones as deep as one goes, text always as text. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { visibleText } from '../../ui/visible-text.ts';
import { kindOf, shownValue } from './state-tree.ts';

const itemsShown = 100;
const textShown = 65_536;

export function JsonTree({ value, label }: { readonly value: unknown; readonly label: string }): ReactElement {
  const entries = Object.entries((value ?? {}));
  if (entries.length === 0) return <p className="px-3 py-1 text-text-2">empty</p>;
  return <ul aria-label={label} className="py-1">{entries.slice(0, itemsShown).map(([key, part]) => <Part key={key} name={key} value={part} depth={0} />)}</ul>;
}

const colours = { text: '', number: 'text-running', flag: 'text-running', nothing: 'text-text-2', fields: 'text-text-2', list: 'text-text-2' } as const;

function Part({ name, value, depth }: { readonly name: string; readonly value: unknown; readonly depth: number }): ReactElement {
  const [isOpen, setIsOpen] = useState(depth < 1);
  const [shown, setShown] = useState(itemsShown);
  const kind = kindOf(value);
  const isBranch = (kind === 'fields' || kind === 'list') && Object.keys(value as object).length > 0;
  const indent = { paddingInlineStart: 12 + Math.min(depth, 20) * 12 };
  if (!isBranch)
    return (
      <li className="flex gap-2 pe-3 leading-5" style={indent}>
        <span className="foreign max-w-[45%] shrink-0 truncate text-text-2" title={visibleText(name)}>{visibleText(name)}</span>
        <span className={`foreign min-w-0 font-mono text-mono leading-5 whitespace-pre-wrap ${colours[kind]}`}>{typeof value === 'string' ? <LongText text={value} /> : visibleText(shownValue(value))}</span>
      </li>
    );
  // Keys are counted before they are listed: a list of a million is shown in pieces.
  const entries = isOpen ? Object.entries(value as object) : [];
  return (
    <li>
      <button type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)} className="flex min-h-6 w-full items-center gap-2 pe-3 text-start hover:bg-surface-2" style={indent}>
        <span className="foreign shrink-0 text-text-2">{isOpen ? '▾' : '▸'} {visibleText(name)}</span>
        {!isOpen && <span className="text-text-2">{shownValue(value)}</span>}
      </button>
      {isOpen && (
        <ul>
          {entries.slice(0, shown).map(([key, part]) => <Part key={key} name={key} value={part} depth={depth + 1} />)}
          {entries.length > shown && (
            <li style={indent}>
              <button type="button" className="link min-h-6" onClick={() => setShown(shown + 10 * itemsShown)}>{entries.length - shown} more</button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

function LongText({ text }: { readonly text: string }): ReactElement {
  const [length, setLength] = useState(600);
  const end = Math.min(length, textShown);
  return (
    <>
      {visibleText(text.slice(0, end))}
      {text.length > end && end < textShown && <button type="button" className="link ms-1 min-h-6" onClick={() => setLength(textShown)}>… {(text.length - end).toLocaleString('en')} more characters</button>}
      {text.length > textShown && end === textShown && <span className="text-text-2"> … cut after 64 KB; copy the event for all of it</span>}
    </>
  );
}
