import { useState } from 'react';
import type { ReactElement } from 'react';
import { Field, Input } from '../../ui/field.tsx';

interface RunPickerProps {
  readonly label: string;
  readonly value: string;
  /** Id of the list of known runs. */
  readonly list: string;
  readonly error: string | null;
  readonly onChange: (address: string) => void;
}

/** An address, typed or chosen; it counts when it is left or Enter is pressed. */
export function RunPicker({ label, value, list, error, onChange }: RunPickerProps): ReactElement {
  const [text, setText] = useState(value);
  const take = (): void => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <Field label={label} error={error} className="min-w-0 flex-1 basis-64">
      {(ties) => (
        <Input
          {...ties}
          list={list}
          value={text}
          placeholder="type/id"
          maxLength={600}
          spellCheck={false}
          className="w-full font-mono"
          onChange={({ target }) => setText(target.value)}
          onBlur={take}
          onKeyDown={({ key }) => {
            if (key === 'Enter') take();
          }}
        />
      )}
    </Field>
  );
}
