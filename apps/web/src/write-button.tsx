/** A button that changes the log. While nobody would hear it, or for who may not, it says so instead. */
import type { ReactElement } from 'react';
import { useIsHeard } from './connection.ts';
import { messages } from './messages.ts';
import { Button } from './ui/button.tsx';
import type { ButtonProps } from './ui/button.tsx';
import { useMay } from './who.ts';
import type { Scope } from './who.ts';

export interface WriteButtonProps extends ButtonProps {
  /** What the operation behind it needs. */
  readonly scope?: Scope;
}

export function WriteButton({ scope = 'append', disabled = false, title, ...rest }: WriteButtonProps): ReactElement {
  const isHeard = useIsHeard();
  const may = useMay(scope);
  return <Button {...rest} disabled={disabled || !isHeard || !may} title={!may ? messages.mayNot(scope) : isHeard ? title : messages.noWrites} />;
}
