import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTell } from '../../refold.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, TextArea } from '../../ui/field.tsx';
import { WriteButton } from '../../write-button.tsx';

interface CreateJobProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onCreated: (id: string) => void;
}

export const CreateJob = (props: CreateJobProps): ReactElement => (
  <Dialog isOpen={props.isOpen} onClose={props.onClose} width="small" title="New job" description="Recorded as queued; a worker takes it up.">
    {props.isOpen && <Form {...props} />}
  </Dialog>
);

function Form({ onClose, onCreated }: CreateJobProps): ReactElement {
  const [name, setName] = useState('');
  const [id, setId] = useState('');
  const [steps, setSteps] = useState('');
  const [parameters, setParameters] = useState('{}');
  const [startsNow, setStartsNow] = useState(false);
  const create = useTell('createJob');
  const params = readObject(parameters);
  const planned = steps.split('\n').map((step) => step.trim()).filter((step) => step !== '');
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (params === null) return;
        create.mutate(
          { params, start: startsNow, ...(name === '' ? {} : { name }), ...(id === '' ? {} : { id }), ...(planned.length === 0 ? {} : { steps: planned }) },
          {
            onSuccess: ({ streamId }) => {
              onClose();
              onCreated(streamId);
            },
          },
        );
      }}
    >
      <Field label="Name">{(ties) => <Input {...ties} value={name} maxLength={200} onChange={({ target }) => setName(target.value)} />}</Field>
      <Field label="Id" hint="Left empty, it gets one.">{(ties) => <Input {...ties} value={id} maxLength={200} onChange={({ target }) => setId(target.value)} />}</Field>
      <Field label="Parameters" hint="A JSON object." error={params === null ? 'This is not a JSON object.' : null}>
        {(ties) => <TextArea {...ties} rows={4} value={parameters} onChange={({ target }) => setParameters(target.value)} />}
      </Field>
      <Field label="Steps" hint="One per line, in order.">{(ties) => <TextArea {...ties} rows={4} value={steps} onChange={({ target }) => setSteps(target.value)} />}</Field>
      <label className="flex min-h-6 items-center gap-2">
        <input type="checkbox" className="size-4 accent-accent" checked={startsNow} onChange={({ target }) => setStartsNow(target.checked)} />
        Start it at once
      </label>
      {create.error !== null && (
        <p role="alert" className="foreign text-error">
          {create.error.message} <code>{create.error.code}</code>
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Not now</Button>
        <WriteButton type="submit" kind="strong" disabled={params === null || create.isPending}>
          Create
        </WriteButton>
      </div>
    </form>
  );
}

function readObject(text: string): { readonly [name: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: unknown }) : null;
  } catch {
    return null;
  }
}
