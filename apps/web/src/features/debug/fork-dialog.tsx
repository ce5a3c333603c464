/** What if: the history with the event at the cursor left out or changed, folded by the same rules beside the recorded one. Nothing is written. */
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { EventEnvelope, InputOf, OutputOf } from '@refold/client';
import { amount, counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPane } from '../../ui/error-pane.tsx';
import type { Failure } from '../../ui/error-pane.tsx';
import { Field, TextArea } from '../../ui/field.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import type { DebugModel } from './debug-model.ts';
import { debugMessages } from './messages.ts';
import { pointerText } from './pointer-text.ts';
import { shownValue } from './state-tree.ts';

type Edit = InputOf<'fork'>['edits'][number];

interface ForkDialogProps {
  readonly model: DebugModel;
  readonly event: EventEnvelope;
  readonly onClose: () => void;
}

export function ForkDialog({ model, event, onClose }: ForkDialogProps): ReactElement {
  const recorded = JSON.stringify(event.data, null, 2);
  const [op, setOp] = useState<'omit' | 'replace' | 'insert'>('omit');
  const [text, setText] = useState(recorded);
  const [type, setType] = useState(event.type);
  const [lenient, setLenient] = useState(false);
  const [upTo, setUpTo] = useState<'here' | 'end'>('end');
  const fork = useMutation<OutputOf<'fork'>, Failure, readonly Edit[]>({ mutationFn: (edits) => model.client.fork({ ...model.address, edits, lenient, ...(upTo === 'end' ? {} : { revision: event.revision }) }, { timeoutMs: 120_000 }) });
  const { reset } = fork;
  useEffect(() => reset(), [op, text, type, lenient, upTo, reset]);
  const wrong = op === 'omit' ? null : problemOf(text);
  const run = (): void => {
    if (wrong !== null) return;
    const changed = { type, data: op === 'omit' ? {} : (JSON.parse(text) as { [name: string]: unknown }) };
    fork.mutate([op === 'omit' ? { op, at: event.revision } : op === 'replace' ? { op, at: event.revision, event: changed } : { op, after: event.revision, event: changed }]);
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="large"
      title={`${debugMessages.whatIf}: event ${amount(event.revision)} of ${visibleText(`${event.streamType}/${event.streamId}`)}`}
      description="A changed copy in memory, folded by the same rules. Nothing is written, and nothing here is a recorded fact."
      footer={<><Button onClick={onClose}>Close</Button><Button kind="strong" onClick={run} disabled={wrong !== null || fork.isPending}>{fork.isPending ? 'Folding …' : 'Fold the variant'}</Button></>}
    >
      <div className="flex flex-col gap-3">
        <div role="radiogroup" aria-label="Edit" className="flex flex-wrap gap-x-5 gap-y-1">
          {(['omit', 'replace', 'insert'] as const).map((one) => (
            <label key={one} className="flex min-h-7 items-center gap-2">
              <input type="radio" name="edit" checked={op === one} onChange={() => setOp(one)} className="size-4 accent-accent" />
              {{ omit: `Leave out ${visibleText(event.type)}`, replace: 'Change it', insert: 'Put another one after it' }[one]}
            </label>
          ))}
        </div>
        {op !== 'omit' && (
          <>
            <Field label="Type">{(ties) => <input {...ties} value={type} onChange={(changed) => setType(changed.target.value)} className="h-7 rounded border border-line bg-surface-1 px-2 font-mono" />}</Field>
            <Field label="Payload" error={wrong}>{(ties) => <TextArea {...ties} rows={8} value={text} onChange={(changed) => setText(changed.target.value)} spellCheck={false} />}</Field>
          </>
        )}
        <div className="flex flex-wrap gap-x-5 gap-y-1">
          <label className="flex min-h-7 items-center gap-2">
            compare
            <select value={upTo} onChange={(changed) => setUpTo(changed.target.value as 'here' | 'end')} className="h-7 rounded border border-line bg-surface-1 px-1">
              <option value="end">at the end of the run</option>
              <option value="here">right after the edit</option>
            </select>
          </label>
          <label className="flex min-h-7 items-center gap-2"><input type="checkbox" checked={lenient} onChange={(changed) => setLenient(changed.target.checked)} className="size-4 accent-accent" /> take what the rules forbid</label>
        </div>
        {fork.error !== null && <ErrorPane error={fork.error} of="The variant" onRetry={run} />}
        {fork.data !== undefined && <ForkResult result={fork.data} />}
      </div>
    </Dialog>
  );
}

function problemOf(text: string): string | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'A payload is an object.';
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : ''}`;
  }
}

const patchesShown = 200;

function ForkResult({ result: { base, variant, diff, rejected, consequences } }: { readonly result: OutputOf<'fork'> }): ReactElement {
  const statusOf = ({ state }: { readonly state: { readonly [name: string]: unknown } }): string => (typeof state['status'] === 'string' ? state['status'] : `revision ${String(state['revision'])}`);
  return (
    <section aria-label="Result" className="supposed rounded">
      <h3 className="flex flex-wrap items-center gap-x-4 border-b border-line bg-surface-2 px-3 py-1.5 font-semibold">
        what-if
        <span className="font-normal text-text-2">recorded: <strong className="text-text">{visibleText(statusOf(base))}</strong></span>
        <span className="font-normal text-text-2">variant: <strong className="text-text">{visibleText(statusOf(variant))}</strong></span>
        <span className="font-normal text-text-2">{counted(diff.length, 'difference')}, {counted(consequences.length, 'consequence')}</span>
      </h3>
      {rejected.map(({ index, code, detail }) => <p key={index} className="foreign px-3 py-1"><StatusGlyph tone="error" word="refused" /> <code>{code}</code> {visibleText(detail)}</p>)}
      {consequences.slice(0, 50).map(({ eventId, code, detail, baseRevision }) => <p key={eventId} className="foreign px-3 py-0.5 text-text-2"><StatusGlyph tone="warn" word="consequence" /> event {amount(baseRevision)}: <code>{code}</code> {visibleText(detail)}</p>)}
      {diff.length === 0 && rejected.length === 0 && <p className="px-3 py-2">The state is the same without it.</p>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls takes the focus, so that its keys reach it */}
      <ul className="max-h-72 overflow-auto py-1" tabIndex={0} aria-label="Differences">
        {diff.slice(0, patchesShown).map(({ op, path, before, after }) => (
          <li key={path} className="foreign flex gap-2 px-3 leading-6">
            <code className="max-w-[50%] shrink-0 truncate">{pointerText(path)}</code>
            <span className="min-w-0 flex-1 truncate font-mono text-mono">{op !== 'add' && <s className="text-text-2">{visibleText(shownValue(before))}</s>}{op === 'replace' && ' → '}{op !== 'remove' && visibleText(shownValue(after))}</span>
          </li>
        ))}
        {diff.length > patchesShown && <li className="px-3 text-text-2">showing {patchesShown} of {amount(diff.length)}</li>}
      </ul>
    </section>
  );
}
