/** Height of a row at the density that is chosen, in pixels; the same as `--row` of the style sheet. */
import { usePreferences } from '../preferences.ts';

const heights = { compact: 24, normal: 28, roomy: 36 } as const;

export const useRowHeight = (): number => heights[usePreferences().density];
