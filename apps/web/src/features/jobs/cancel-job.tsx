import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTell } from '../../refold.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { WriteButton } from '../../write-button.tsx';

interface CancelJobProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly id: string;
}

/** For good, so it is asked for twice, and the reason goes on record. */
export function CancelJob({ isOpen, onClose, id }: CancelJobProps): ReactElement {
  const [reason, setReason] = useState('');
  const cancel = useTell('cancelJob');
  const submit = (): void => cancel.mutate({ id, ...(reason === '' ? {} : { reason }) }, { onSuccess: onClose });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      width="small"
      title="Cancel this job"
      description="It stops for good. What it has recorded stays; it can be run again."
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <WriteButton kind="danger" disabled={cancel.isPending} onClick={submit}>
            Cancel the job
          </WriteButton>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Reason" error={cancel.error === null ? null : `${cancel.error.message} ${cancel.error.code}`}>
          {(ties) => <Input {...ties} value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />}
        </Field>
      </form>
    </Dialog>
  );
}
