/** A region whose shortcuts act while it has the focus. */
import type { ComponentProps, KeyboardEvent, ReactElement } from 'react';
import { actOn, noteFocus, notePress, useScope } from './shortcuts.ts';
import type { Binding } from './shortcuts.ts';

interface ShortcutScopeProps extends Omit<ComponentProps<'div'>, 'onKeyDown'> {
  readonly name: string;
  readonly bindings: readonly Binding[];
}

export function ShortcutScope({ name, bindings, children, onFocus, onBlur, ...rest }: ShortcutScopeProps): ReactElement {
  const newest = useScope(name, bindings);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    notePress(event.nativeEvent);
    if (!actOn(event.nativeEvent, newest.current, event.target)) return;
    event.preventDefault();
  };
  return (
    // It takes what bubbles up from what has the focus in it.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- see above
    <div
      data-scope={name}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        noteFocus(name);
        event.stopPropagation();
        onFocus?.(event);
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) noteFocus(null);
        onBlur?.(event);
      }}
      {...rest}
    >
      {children}
    </div>
  );
}
