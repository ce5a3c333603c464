/** A value outside React that components subscribe to: what changes sixty times a second must not render a whole page. */
import { useRef, useSyncExternalStore } from 'react';

export interface ExternalStore<T> {
  get(): T;
  /** Merges; nobody is told when nothing changed. */
  set(change: Partial<T>): void;
  subscribe(listener: () => void): () => void;
}

export function createExternalStore<T extends object>(initial: T): ExternalStore<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(change) {
      const keys = Object.keys(change) as (keyof T)[];
      if (keys.every((key) => Object.is(value[key], change[key]))) return;
      value = { ...value, ...change };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A part of a store; the component renders when that part is another one. */
export function useStoreValue<T extends object, P>(store: ExternalStore<T>, select: (value: T) => P): P {
  const last = useRef<{ readonly from: T; readonly part: P } | null>(null);
  const read = (): P => {
    const from = store.get();
    if (last.current?.from === from) return last.current.part;
    const part = select(from);
    last.current = { from, part: last.current !== null && Object.is(last.current.part, part) ? last.current.part : part };
    return last.current.part;
  };
  return useSyncExternalStore(store.subscribe, read);
}
