/** A JSON pointer as people read it, and as an expression asks for it. */
import { parsePointer } from '@refold/core';
import { visibleText } from '../../ui/visible-text.ts';

/** `agents / planner / runs`. */
export const pointerText = (pointer: string): string => visibleText(parsePointer(pointer).join(' / '));

/** The same value in CEL: `state.agents["my planner"].runs`. */
export function watchExpressionOf(pointer: string): string {
  return `state${parsePointer(pointer).map((key) => (/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : /^\d+$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`)).join('')}`;
}
