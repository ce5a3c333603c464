import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { IconButton } from './button.tsx';
import { uiMessages } from './messages.ts';

export function CopyButton({ text, label = uiMessages.copy }: { readonly text: string; readonly label?: string }): ReactElement {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setIsCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setIsCopied(true), () => undefined);
  return <IconButton label={isCopied ? uiMessages.copied : label} icon={isCopied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />} onClick={copy} />;
}
