/** A button that changes the log. While nobody would hear it, it says so instead. */
import type { ReactElement } from 'react';
import { useMayWrite } from './connection.ts';
import { messages } from './messages.ts';
import { Button } from './ui/button.tsx';
import type { ButtonProps } from './ui/button.tsx';

export function WriteButton({ disabled = false, title, ...rest }: ButtonProps): ReactElement {
  const mayWrite = useMayWrite();
  return <Button {...rest} disabled={disabled || !mayWrite} title={mayWrite ? title : messages.noWrites} />;
}
