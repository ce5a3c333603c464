import { useId } from 'react';
import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface FieldProps {
  readonly label: string;
  /** The label is for those who cannot see the place it stands in. */
  readonly hidesLabel?: boolean;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  readonly className?: string;
  /** Gets what ties it to its label and its error. */
  readonly children: (ties: { readonly id: string; readonly 'aria-describedby': string | undefined; readonly 'aria-invalid': boolean }) => ReactNode;
}

/** A label, what is filled in, and what is wrong with it, told apart by more than colour. */
export function Field({ label, hidesLabel = false, hint, error = null, className, children }: FieldProps): ReactElement {
  const id = useId();
  const noteId = `${id}note`;
  const note = error ?? hint;
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className={hidesLabel ? 'sr-only' : 'text-body font-medium'}>
        {label}
      </label>
      {children({ id, 'aria-describedby': note === undefined ? undefined : noteId, 'aria-invalid': error !== null })}
      {note !== undefined && (
        <p id={noteId} className={classNames('foreign', error === null ? 'text-text-2' : 'text-error')} {...(error === null ? {} : { role: 'alert' })}>
          {note}
        </p>
      )}
    </div>
  );
}

export const inputClass = 'text-ellipsis h-7 min-w-0 rounded border border-line bg-surface-1 px-2 text-body text-text aria-invalid:border-error';

export const Input = ({ className, ...rest }: ComponentProps<'input'>): ReactElement => <input className={classNames(inputClass, className)} {...rest} />;

export const TextArea = ({ className, ...rest }: ComponentProps<'textarea'>): ReactElement => <textarea className={classNames(inputClass, 'h-auto py-1 font-mono text-mono', className)} {...rest} />;

export const Select = ({ className, ...rest }: ComponentProps<'select'>): ReactElement => <select className={classNames(inputClass, 'pe-6', className)} {...rest} />;
