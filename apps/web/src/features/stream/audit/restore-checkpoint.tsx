/** Before a run is set back to a checkpoint: what that changes in its state, and what stays because it cannot be undone. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Answered } from '../../../answered.tsx';
import { useAsk, useTell } from '../../../refold.ts';
import { amount, counted } from '../../../times.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Cell, HeadCell, Row, Table } from '../../../ui/table.tsx';
import { oneLine } from '../../../ui/visible-text.ts';
import { WriteButton } from '../../../write-button.tsx';

interface RestoreCheckpointProps {
  readonly streamType: string;
  readonly streamId: string;
  /** null: nothing is restored. */
  readonly checkpoint: { readonly id: string; readonly label: string } | null;
  readonly onClose: () => void;
}

export const RestoreCheckpoint = ({ checkpoint, onClose, ...stream }: RestoreCheckpointProps): ReactElement => (
  <Dialog isOpen={checkpoint !== null} onClose={onClose} width="large" title={checkpoint === null ? '' : `Restore ${oneLine(checkpoint.label, 80)}`} description="Nothing is taken back: one event says that work goes on from there.">
    {checkpoint !== null && <Form {...stream} checkpointId={checkpoint.id} onClose={onClose} />}
  </Dialog>
);

interface FormProps {
  readonly streamType: string;
  readonly streamId: string;
  readonly checkpointId: string;
  readonly onClose: () => void;
}

const changesShown = 200;

function Form({ onClose, ...which }: FormProps): ReactElement {
  const [reason, setReason] = useState('');
  const plan = useAsk('restoreCheckpoint', { ...which, dryRun: true });
  const restore = useTell('restoreCheckpoint', { changes: ['getStream', 'listCheckpoints', 'listRuns', 'streamRows', 'stateAt'] });
  return (
    <Answered of="What the restore would do" asked={plan}>
      {({ changes, stays, restoredSequence, refused }) => (
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            restore.mutate({ ...which, ...(reason === '' ? {} : { reason }) }, { onSuccess: onClose });
          }}
        >
          {refused !== null && <p role="alert" className="foreign text-error">The rules do not take it now: {oneLine(refused, 400)}</p>}
          <section aria-label="What it changes">
            <h3 className="mb-1 font-semibold">What it changes</h3>
            {changes.length === 0 ? (
              <p className="text-text-2">Nothing: the state stands as it stood at revision {amount(restoredSequence)}.</p>
            ) : (
              <Table label="What it changes" className="table-fixed" head={<><HeadCell className="w-2/5">Path</HeadCell><HeadCell>Now</HeadCell><HeadCell>Then</HeadCell></>}>
                {changes.slice(0, changesShown).map(({ path, before, after }) => (
                  <Row key={path}>
                    <Cell className="foreign truncate font-mono text-mono">{oneLine(path, 200)}</Cell>
                    <Cell className="foreign truncate font-mono text-mono text-text-2">{written(before)}</Cell>
                    <Cell className="foreign truncate font-mono text-mono">{written(after)}</Cell>
                  </Row>
                ))}
              </Table>
            )}
            {changes.length > changesShown && <p className="text-text-2">{counted(changes.length - changesShown, 'change')} more are not shown.</p>}
          </section>
          {stays.length > 0 && <p className="text-text-2">It leaves as they are: {stays.map(({ field, count }) => `${oneLine(field, 60)} (${amount(count)})`).join(', ')}.</p>}
          <Field label="Reason" error={restore.error === null ? null : `${restore.error.message} ${restore.error.code}`}>
            {(ties) => <Input {...ties} value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />}
          </Field>
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Leave it</Button>
            <WriteButton type="submit" kind="strong" disabled={restore.isPending || refused !== null}>
              Append checkpoint.restored
            </WriteButton>
          </div>
        </form>
      )}
    </Answered>
  );
}

const written = (value: unknown): string => (value === undefined || value === null ? 'nothing' : oneLine(typeof value === 'string' ? value : JSON.stringify(value), 160));
