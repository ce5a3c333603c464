/** Before a task moves: which events that will append, each with before and after. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTell } from '../../refold.ts';
import { wordOf } from '../../status.ts';
import { counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { WriteButton } from '../../write-button.tsx';
import { eventsOfMove, taskOf } from './board-view.ts';
import type { TaskStatus, WorkObject } from './board-view.ts';

interface MoveTaskProps {
  readonly move: { readonly task: WorkObject; readonly status: TaskStatus } | null;
  readonly onClose: () => void;
}

export const MoveTask = ({ move, onClose }: MoveTaskProps): ReactElement => (
  <Dialog isOpen={move !== null} onClose={onClose} title={move === null ? '' : `Move ${oneLine(taskOf(move.task).taskCode, 60)} to ${wordOf(move.status)}`}>
    {move !== null && <Form task={move.task} status={move.status} onClose={onClose} />}
  </Dialog>
);

function Form({ task, status, onClose }: { readonly task: WorkObject; readonly status: TaskStatus; readonly onClose: () => void }): ReactElement {
  const [reason, setReason] = useState('');
  const update = useTell('updateTask');
  const events = eventsOfMove(task, { status, ...(reason === '' ? {} : { reason }) });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        // Somebody may have moved it in the meantime: what is shown here would not be what happens.
        update.mutate({ code: task.streamId, status, expectedRevision: task.revision, ...(reason === '' ? {} : { reason }) }, { onSuccess: onClose });
      }}
    >
      <Field label="Reason">{(ties) => <Input {...ties} value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />}</Field>
      <section aria-label="What will be recorded">
        <h3 className="font-medium">This will append {counted(events.length, 'event')}</h3>
        <ol className="mt-1 border-s-2 border-accent ps-3">
          {events.map(({ type, changes }) => (
            <li key={type} className="py-0.5">
              <code>{type}</code>
              {changes.map(({ field, before, after }) => (
                <span key={field} className="foreign ms-2 text-text-2">
                  {field}: {written(before)} → {written(after)}
                </span>
              ))}
            </li>
          ))}
        </ol>
      </section>
      {update.error !== null && (
        <p role="alert" className="foreign text-error">
          {update.error.message} <code>{update.error.code}</code>
          {update.error.code === 'REVISION_CONFLICT' && ' Close this and look at the card again.'}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Leave it</Button>
        <WriteButton type="submit" kind="strong" disabled={update.isPending || events.length === 0}>
          Append {counted(events.length, 'event')}
        </WriteButton>
      </div>
    </form>
  );
}

const written = (value: unknown): string => (typeof value === 'string' ? oneLine(value, 80) : value === undefined || value === null ? 'nothing' : oneLine(JSON.stringify(value), 80));
