/** Asks what a replay of a stream would do. It never does it: who executes one types its address at a terminal, where its handlers are. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { readPlace } from '../../places.ts';
import { useTell } from '../../refold.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPane } from '../../ui/error-pane.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { WriteButton } from '../../write-button.tsx';
import { PlanTable } from './plan-table.tsx';

const purposes = ['analysis', 'recovery', 'testing', 'debugging'] as const;
const stepLimit = 200;

interface DryRunProps {
  /** null: closed; otherwise the address it starts with. */
  readonly target: string | null;
  readonly onClose: () => void;
}

export const DryRun = ({ target, onClose }: DryRunProps): ReactElement => (
  <Dialog isOpen={target !== null} onClose={onClose} width="large" title="Replay, as a dry run" description="Shows for every recorded event what a replay would do with it, and why. Nothing is called; that a plan was made goes on record.">
    {target !== null && <Form initial={target} />}
  </Dialog>
);

function Form({ initial }: { readonly initial: string }): ReactElement {
  const [address, setAddress] = useState(initial);
  const [purpose, setPurpose] = useState<(typeof purposes)[number]>('analysis');
  const [filter, setFilter] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const plan = useTell('replayEvents', { changes: ['listReplays'] });
  const ask = (): void => {
    setRefusal(null);
    try {
      const { streamType, streamId } = readPlace(address.trim());
      plan.mutate({ streamType, streamId, dryRun: true, purpose, stepLimit, ...(filter.trim() === '' ? {} : { filter: filter.trim() }) });
    } catch (thrown) {
      setRefusal(thrown instanceof Error ? thrown.message : 'This is not an address.');
    }
  };
  return (
    <div className="flex flex-col gap-4">
      <form
        className="flex flex-wrap items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <Field label="Stream" error={refusal} className="min-w-48 flex-1">
          {(ties) => <Input {...ties} value={address} placeholder="orchestration/PROJ-123" spellCheck={false} maxLength={600} className="font-mono" onChange={({ target }) => setAddress(target.value)} />}
        </Field>
        <Field label="Purpose">
          {(ties) => (
            <Select {...ties} value={purpose} onChange={({ target }) => setPurpose(target.value as typeof purpose)}>
              {purposes.map((name) => (
                <option key={name} value={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Only events that" className="min-w-48 flex-1" hint="An expression, for example event.type.startsWith('tool_call.')">
          {(ties) => <Input {...ties} value={filter} spellCheck={false} maxLength={2_000} className="font-mono" onChange={({ target }) => setFilter(target.value)} />}
        </Field>
        <WriteButton scope="replay:dry" type="submit" kind="strong" className="mt-6" disabled={plan.isPending || address.trim() === ''}>
          Show the plan
        </WriteButton>
      </form>
      {plan.error !== null && <ErrorPane error={plan.error} of="The plan" onRetry={ask} />}
      {plan.data !== undefined && (
        <>
          <PlanTable report={plan.data} />
          <p className="text-text-2">
            To execute it, where its handlers are: <code className="foreign">refold replay {oneLine(address, 120)} --execute --confirm {oneLine(address, 120)} --handlers ./handlers.mjs</code>
          </p>
        </>
      )}
    </div>
  );
}
