/** What a person wrote down about places of a run, and the places that he only wants to find again. A part of the session, never of the log. */
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import type { Revision } from '../log/driver.ts';

export interface DebugNoteInput {
  /** 0 or more; also one that is not there yet, or not among the events of an imported session. */
  readonly revision: Revision;
  /** At most `limits.debugNoteCharactersMax` UTF-16 code units; default empty: the place alone is remembered. */
  readonly text?: string | undefined;
}

export interface DebugNote {
  readonly id: string;
  readonly revision: Revision;
  readonly text: string;
}

export interface DebugNotes {
  /** @throws LogError BAD_REQUEST `revision`; TOO_LARGE `notes`, `note` {limit}. */
  add(input: DebugNoteInput): DebugNote;
  /** @throws LogError NOT_FOUND `note`. */
  remove(id: string): void;
  /** In the order of their places, then of their making. */
  all(): readonly DebugNote[];
}

export function createDebugNotes(notesMax: number): DebugNotes {
  const notes = new Map<string, DebugNote>();
  const { debugNoteCharactersMax: charactersMax } = defaultLimits;
  let idsGiven = 0;
  return {
    add({ revision, text = '' }) {
      if (!Number.isSafeInteger(revision) || revision < 0) throw new LogError('BAD_REQUEST', `${revision} is no revision.`, { details: { reason: 'revision', pointer: '/revision' }, hint: 'Count from 1; 0 is before the first event.' });
      if (text.length > charactersMax) throw new LogError('TOO_LARGE', `A note has at most ${charactersMax} characters.`, { details: { reason: 'note', pointer: '/text', limit: charactersMax }, hint: 'Write a shorter one, or several.' });
      if (notes.size >= notesMax) throw new LogError('TOO_LARGE', `A session has at most ${notesMax} notes.`, { details: { reason: 'notes', limit: notesMax }, hint: 'Remove some first.' });
      const note = { id: `n${++idsGiven}`, revision, text };
      notes.set(note.id, note);
      return note;
    },
    remove(id) {
      if (!notes.delete(id)) throw new LogError('NOT_FOUND', `There is no note ${id}.`, { details: { reason: 'note', id }, hint: 'Read the session to see its notes.' });
    },
    all: () => [...notes.values()].toSorted((a, b) => a.revision - b.revision),
  };
}
