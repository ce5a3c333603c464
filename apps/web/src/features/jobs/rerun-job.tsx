/** Runs a job again with changed parameters. What will happen is shown first, as the server plans it; nothing is written until then. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { answers, asLogError, refold, useAsk } from '../../refold.ts';
import { counted } from '../../times.ts';
import { Answered } from '../../answered.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { WriteButton } from '../../write-button.tsx';
import { changedParameters, stateOf, writeValue } from './job-view.ts';
import type { JobObject } from './job-view.ts';

interface RerunJobProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly job: JobObject;
  readonly onStarted: (id: string) => void;
}

export const RerunJob = (props: RerunJobProps): ReactElement => (
  <Dialog isOpen={props.isOpen} onClose={props.onClose} width="large" title={`Run ${oneLine(props.job.streamId, 60)} again`}>
    {props.isOpen && <Form {...props} />}
  </Dialog>
);

function Form({ job, onClose, onStarted }: RerunJobProps): ReactElement {
  const { params, steps } = stateOf(job);
  const [typed, setTyped] = useState<{ readonly [name: string]: string | null }>(() => Object.fromEntries(Object.entries(params).map(([name, value]) => [name, writeValue(value)])));
  const [newName, setNewName] = useState('');
  const [fromStep, setFromStep] = useState('');
  const [reason, setReason] = useState('');
  const [startsNow, setStartsNow] = useState(true);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const changed = changedParameters(params, typed);
  const wish = { id: job.streamId, params: changed, ...(fromStep === '' ? {} : { fromStep }), ...(reason === '' ? {} : { reason }) };
  const plan = useAsk('rerunJob', { ...wish, dryRun: true }, { keepsLast: true });

  async function run(): Promise<void> {
    setIsBusy(true);
    setFailure(null);
    try {
      const { jobId } = await refold.rerunJob(wish);
      if (startsNow) await refold.startJob({ id: jobId });
      await answers.invalidateQueries();
      onClose();
      onStarted(jobId);
    } catch (thrown) {
      const { message, code } = asLogError(thrown);
      setFailure(`${message} ${code}`);
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <form
      className="grid gap-6 column:grid-cols-2"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <div className="flex flex-col gap-3">
        <Section title="Parameters">
          <div className="flex flex-col gap-2">
            {Object.entries(typed).map(([name, text]) => (
              <Field key={name} label={oneLine(name, 60)} hint={Object.hasOwn(changed, name) ? `was ${oneLine(Object.hasOwn(params, name) ? writeValue(params[name]) : 'not there', 80)}` : undefined}>
                {(ties) => (
                  <span className="flex items-center gap-2">
                    <Input {...ties} className={`min-w-0 flex-1 font-mono ${Object.hasOwn(changed, name) ? 'border-accent' : ''}`} value={text ?? ''} placeholder={text === null ? 'removed' : ''} disabled={text === null} onChange={({ target }) => setTyped({ ...typed, [name]: target.value })} />
                    <Button kind="quiet" onClick={() => setTyped({ ...typed, [name]: text === null ? writeValue(params[name] ?? '') : null })} aria-label={text === null ? `Keep ${oneLine(name, 60)}` : `Remove ${oneLine(name, 60)}`}>
                      {text === null ? 'Keep' : 'Remove'}
                    </Button>
                  </span>
                )}
              </Field>
            ))}
            <div className="flex items-end gap-2">
              <Field label="Another parameter" className="flex-1">
                {(ties) => <Input {...ties} value={newName} maxLength={200} placeholder="name" onChange={({ target }) => setNewName(target.value)} />}
              </Field>
              <Button
                disabled={newName === '' || Object.hasOwn(typed, newName)}
                onClick={() => {
                  setTyped({ ...typed, [newName]: '' });
                  setNewName('');
                }}
              >
                Add
              </Button>
            </div>
          </div>
        </Section>
        <Field label="From" hint="Steps before it are kept as they ended.">
          {(ties) => (
            <Select {...ties} value={fromStep} onChange={({ target }) => setFromStep(target.value)}>
              <option value="">the start</option>
              {steps.map(({ name, index }) => (
                <option key={`${index} ${name}`} value={name}>{oneLine(name, 80)}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Reason" hint="Goes on record with the new job.">
          {(ties) => <Input {...ties} value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />}
        </Field>
        <label className="flex min-h-6 items-center gap-2">
          <input type="checkbox" className="size-4 accent-accent" checked={startsNow} onChange={({ target }) => setStartsNow(target.checked)} />
          Start it at once
        </label>
      </div>
      <div className="flex flex-col gap-3">
        <Section title="What will happen">
          <Answered of="The plan" asked={plan} rows={4}>
            {({ changes, stepsKept, stepsToRun, jobId }) => (
              <div className="flex flex-col gap-3">
                <p>
                  A new job <code className="foreign">{oneLine(jobId, 80)}</code> is {startsNow ? 'queued and started' : 'queued'}.
                </p>
                {changes.length === 0 ? (
                  <p className="text-text-2">The same parameters.</p>
                ) : (
                  <ul aria-label="Changed parameters" className="font-mono text-mono">
                    {changes.map(({ path, before, after }) => (
                      <li key={path} className="foreign">
                        <span className="text-text-2">{oneLine(path, 80)}</span> {written(before)} → {written(after)}
                      </li>
                    ))}
                  </ul>
                )}
                <p className="foreign">
                  {counted(stepsToRun.length, 'step')} will run{stepsToRun.length > 0 && `: ${stepsToRun.map((step) => oneLine(step, 40)).join(', ')}`}.{stepsKept.length > 0 && ` ${counted(stepsKept.length, 'step')} kept: ${stepsKept.map((step) => oneLine(step, 40)).join(', ')}.`}
                </p>
                <div className="flex flex-wrap items-center gap-2">
                  <WriteButton type="submit" kind="strong" disabled={isBusy || plan.isPlaceholderData}>
                    {startsNow ? `Start it: ${counted(stepsToRun.length, 'step')} will run` : 'Queue it'}
                  </WriteButton>
                  <Button onClick={onClose}>Not now</Button>
                </div>
              </div>
            )}
          </Answered>
          {failure !== null && (
            <p role="alert" className="foreign text-error">
              {failure}
            </p>
          )}
        </Section>
      </div>
    </form>
  );
}

const written = (value: unknown): string => (value === undefined ? 'nothing' : oneLine(JSON.stringify(value), 120));
