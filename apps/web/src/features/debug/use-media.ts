/** Whether the window is as wide as a layout needs. */
import { useSyncExternalStore } from 'react';

export function useIsWide(pixels: number): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(`(min-width: ${pixels}px)`);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia(`(min-width: ${pixels}px)`).matches,
  );
}
