/** What can be done with a row of the event list: what the keys do at the cursor, at any row. */
import { addressOf } from '../../places.ts';
import type { MenuItem } from '../../ui/menu.tsx';
import type { DebugModel } from './debug-model.ts';
import type { EventRow } from './row-source.ts';

export interface RowMenuParts {
  readonly model: DebugModel;
  readonly stops: boolean;
  readonly onBase: (base: string) => void;
  readonly onBreakpoint: (row: EventRow) => void;
  readonly onExclude: (type: string) => void;
  /** Opens the what-if of an event, once the cursor stands there. */
  readonly onFork: (revision: number) => void;
}

export function rowMenu(row: EventRow, { model, stops, onBase, onBreakpoint, onExclude, onFork }: RowMenuParts): readonly (readonly MenuItem[])[] {
  const { address, cursor, client, notice, session } = model;
  const { revision, id, type } = row;
  const copy = (text: Promise<string> | string, what: string): void =>
    void Promise.resolve(text)
      .then((ready) => navigator.clipboard.writeText(ready))
      .then(
        () => notice.set({ text: `${what} is copied.` }),
        (error: unknown) => notice.set({ text: error instanceof Error ? error.message : String(error) }),
      );
  return [
    [
      { label: 'Travel here', onChoose: () => cursor.jumpTo(revision) },
      { label: 'Take the diff against this', onChoose: () => onBase(String(revision)), keys: 'p' },
      { label: 'Bookmark', onChoose: () => void session.addNote(revision, '').then((isNoted) => isNoted && notice.set({ text: `Event ${revision} is bookmarked.` })), keys: 'm' },
      { label: 'What if …', onChoose: () => onFork(revision), keys: 'X' },
    ],
    [
      { label: stops ? `Do not stop at ${type}` : `Stop at ${type}`, onChoose: () => onBreakpoint(row), keys: 'b' },
      { label: `Leave ${type} out of the list`, onChoose: () => onExclude(type) },
    ],
    [
      { label: 'Copy address', onChoose: () => copy(addressOf(address, String(revision)), 'The address') },
      { label: 'Copy as JSON', onChoose: () => copy(client.getEvent({ id }).then((event) => JSON.stringify(event, null, 2)), 'The event') },
      { label: 'Copy as curl', onChoose: () => copy(`curl -H "Authorization: Bearer $REFOLD_TOKEN" '${location.origin}/api/v1/events/${encodeURIComponent(id)}'`, 'The command') },
    ],
  ];
}
