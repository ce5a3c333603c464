/** Keeps the address of the page and the cursor at one place: a jump is a step that Back returns from, a scrub replaces it, at most four times a second. */
import { useEffect, useRef } from 'react';
import type { SearchParameters } from '../../search-parameters.ts';
import type { ChangeOptions } from '../../use-search.ts';
import type { DebugModel } from './debug-model.ts';
import { revisionOf } from './debug-model.ts';
import { windowText } from './debug-search.ts';

const replacesMs = 250;

export function useAddress(model: DebugModel | null, at: string | undefined, change: (changes: SearchParameters, options?: ChangeOptions) => void): void {
  const written = useRef<string | undefined>(at);

  useEffect(() => {
    if (model === null) return undefined;
    const { cursor, facts, place } = model;
    let { jumps, revision: shown } = cursor.get();
    let due: ReturnType<typeof setTimeout> | undefined;
    const write = (replaces: boolean): void => {
      clearTimeout(due);
      due = undefined;
      const { revision, axis, window } = cursor.get();
      written.current = String(revision);
      change({ at: written.current, axis: axis === 'revision' ? undefined : axis, w: windowText(window), path: place.get().path ?? undefined }, { replaces });
    };
    let { axis, window } = cursor.get();
    const leave = cursor.subscribe(() => {
      if (!facts.get().isOpen) return;
      const now = cursor.get();
      const isJump = now.jumps.length !== jumps.length && now.revision !== shown;
      const moved = now.revision !== shown || now.axis !== axis || now.window !== window;
      ({ jumps, axis, window } = now);
      shown = now.revision;
      if (isJump && now.transport.at !== 'playing') write(false);
      else if (moved) due ??= setTimeout(() => write(true), replacesMs);
    });
    let { path } = place.get();
    const leavePlace = place.subscribe(() => {
      if (place.get().path === path) return;
      ({ path } = place.get());
      due ??= setTimeout(() => write(true), replacesMs);
    });
    return () => {
      clearTimeout(due);
      leave();
      leavePlace();
    };
  }, [model, change]);

  // Back and forward of the browser, and links to this page.
  useEffect(() => {
    if (model === null || at === undefined || at === written.current || !model.facts.get().isOpen) return;
    written.current = at;
    const known = revisionOf(at, model.cursor.get().head);
    if (known === null) void model.goTo(at, { replaces: true });
    else model.cursor.moveTo(known);
  }, [model, at]);
}
