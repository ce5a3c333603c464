/** How long something took, as people say it: `450 ms`, `32.9 s`, `12m 58s`, `3h 58m`, `2d 4h`. */
export function durationText(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size < 1_000) return `${sign}${Math.round(size)} ms`;
  if (size < 59_950) return `${sign}${(size / 1_000).toFixed(1)} s`;
  const seconds = Math.round(size / 1_000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return sign + parts.slice(first, first + 2).map(([count, unit]) => `${count}${unit}`).join(' ');
}

/** From one instant to another; `-` where one of them is not known. */
export const spanText = (from: string | null, to: string | null): string => (from === null || to === null ? '-' : durationText(Date.parse(to) - Date.parse(from)));
