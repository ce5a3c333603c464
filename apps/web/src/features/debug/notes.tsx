/** What a person wrote down about places of the run, the places that he remembers, and the session as a file. All of it is the session's. */
import { Bookmark, Download, Upload, X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { amount } from '../../times.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPane } from '../../ui/error-pane.tsx';
import type { Failure } from '../../ui/error-pane.tsx';
import { useStoreValue } from '../../ui/external-store.ts';
import { Input } from '../../ui/field.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import type { DebugModel } from './debug-model.ts';

const icon = { size: 14, 'aria-hidden': true } as const;
const fileBytesMax = 32_000_000;

export function Notes({ model }: { readonly model: DebugModel }): ReactElement {
  const { session, cursor, notice } = model;
  const notes = useStoreValue(session, (value) => value.notes);
  const error = useStoreValue(session, (value) => value.error);
  const revision = useStoreValue(cursor, (value) => value.revision);
  const [text, setText] = useState('');
  const file = useRef<HTMLInputElement>(null);
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (text.trim() !== '' && (await session.addNote(revision, text.trim()))) setText('');
  };
  const take = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return;
    if (chosen.size > fileBytesMax) return notice.set({ text: `${visibleText(chosen.name)} has more than 32 MB: no debug session is that large.` });
    const json = parsed(await chosen.text());
    if (await session.take(json)) notice.set({ text: `Breakpoints, watches and notes of ${visibleText(chosen.name)} were added.` });
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <form onSubmit={(event) => void add(event)} className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line p-1.5">
        <Input aria-label={`Note about event ${revision}`} placeholder={`What is to be remembered of event ${amount(revision)}`} value={text} maxLength={4_000} onChange={(event) => setText(event.target.value)} className="min-w-40 flex-1" />
        <Button type="submit">Note</Button>
        <Button icon={<Bookmark {...icon} />} onClick={() => void model.toggleBookmark()}>Bookmark</Button>
        <Button kind="quiet" icon={<Download {...icon} />} onClick={() => void session.exported().then((exported) => exported !== null && download(exported, model.address.streamId))}>Export session</Button>
        <Button kind="quiet" icon={<Upload {...icon} />} onClick={() => file.current?.click()}>Import</Button>
        <input ref={file} type="file" accept="application/json,.json" aria-label="Debug session to import" className="hidden" onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = '';
        }} />
      </form>
      {error !== null && error !== undefined && <ErrorPane error={error as Failure} of="The debug session" />}
      <ScrollRegion label="Notes" className="flex-1">
        {notes.length === 0 && <EmptyState title="Nothing is noted">Write about the event at the cursor, or press m to remember its place. Notes belong to the debug session, never to the log.</EmptyState>}
        <ul>
          {notes.map((note) => (
            <li key={note.id} className="flex min-h-row items-center gap-3 border-b border-line/40 px-3">
              <button type="button" className="link figures min-h-6 w-20 shrink-0 text-end" onClick={() => cursor.jumpTo(note.revision)}>@{amount(note.revision)}</button>
              {note.text === '' ? <span className="inline-flex flex-1 items-center gap-1.5 text-text-2"><Bookmark {...icon} /> bookmark</span> : <span className="foreign min-w-0 flex-1 whitespace-pre-wrap">{visibleText(note.text)}</span>}
              <IconButton label={`Remove the ${note.text === '' ? 'bookmark' : 'note'} at event ${note.revision}`} icon={<X {...icon} />} onClick={() => void session.removeNote(note.id)} />
            </li>
          ))}
        </ul>
      </ScrollRegion>
    </div>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What is no JSON is no session either; the session says so.
    return null;
  }
}

function download(exported: object, streamId: string): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(exported, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `debug-session-${streamId.replaceAll(/[^\w.-]/g, '_')}.json`;
  link.click();
  // Long enough for any browser to have begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
