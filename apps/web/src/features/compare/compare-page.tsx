/** Two runs side by side: where they part, what differs as wholes, and every row. */
import { LogError } from '@refold/client';
import type { StreamAddress } from '@refold/core';
import { ArrowLeftRight } from 'lucide-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { readPlace } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { oneOf } from '../../search-parameters.ts';
import { IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PaneBoundary } from '../../ui/error-pane.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { JsonTree } from '../../ui/json-tree.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { useSearch } from '../../use-search.ts';
import { AlignedRows } from './aligned-rows.tsx';
import { DivergenceStrip } from './divergence-strip.tsx';
import { useRunSteps } from './run-events.ts';
import { RunPicker } from './run-picker.tsx';
import type { EventStep } from './step-of.ts';
import { StepTable } from './step-table.tsx';

const alignments = ['causal', 'index'] as const;

export function ComparePage(): ReactElement {
  const [search, change] = useSearch();
  const [a, b] = [read(oneOf(search, 'a')), read(oneOf(search, 'b'))];
  const align = alignments.find((name) => name === oneOf(search, 'align')) ?? 'causal';
  const runs = useAsk('listRuns', { limit: 200 });
  const texts = [oneOf(search, 'a') ?? '', oneOf(search, 'b') ?? ''] as const;
  return (
    <PageFrame
      title="Compare"
      scrolls={false}
      bar={
        <div className="flex flex-wrap items-start gap-2 border-b border-line px-4 py-2">
          <datalist id="known-runs">
            {(runs.data?.items ?? []).map(({ streamType, streamId }) => (
              <option key={`${streamType}/${streamId}`} value={`${streamType}/${streamId}`}>{oneLine(`${streamType}/${streamId}`, 200)}</option>
            ))}
          </datalist>
          <RunPicker key={texts[0]} label="A, the run in question" list="known-runs" value={texts[0]} error={a.error} onChange={(next) => change({ a: next })} />
          <IconButton label="Swap A and B" className="mt-6" icon={<ArrowLeftRight size={14} aria-hidden />} onClick={() => change({ a: texts[1], b: texts[0] })} />
          <RunPicker key={`b ${texts[1]}`} label="B, the run it is held against" list="known-runs" value={texts[1]} error={b.error} onChange={(next) => change({ b: next })} />
          <Field label="Lined up by">
            {(ties) => (
              <Select {...ties} value={align} onChange={({ target }) => change({ align: target.value === 'causal' ? undefined : target.value }, { replaces: true })}>
                <option value="causal">cause and agent</option>
                <option value="index">order alone</option>
              </Select>
            )}
          </Field>
        </div>
      }
    >
      {a.address === null || b.address === null ? (
        <EmptyState title="Choose two runs">
          The first difference between them is found, and every row is set beside its counterpart. A run that failed and the last one that did not are a good pair.
        </EmptyState>
      ) : (
        <Comparison key={texts.join(' ')} a={a.address} b={b.address} align={align} />
      )}
    </PageFrame>
  );
}

function Comparison({ a, b, align }: { readonly a: StreamAddress; readonly b: StreamAddress; readonly align: 'causal' | 'index' }): ReactElement {
  const [view, setView] = useState<'rows' | 'steps'>('rows');
  const [opened, setOpened] = useState<{ readonly a: EventStep | null; readonly b: EventStep | null } | null>(null);
  const found = useAsk('divergence', { ...a, against: addressOf(b), align });
  const together = useAsk('compareRuns', { ids: [addressOf(a), addressOf(b)] });
  const [left, right] = [useRunSteps(a), useRunSteps(b)];
  const rows = left.error === null && left.data !== undefined ? right : left;
  return (
    <>
      <PaneBoundary of="The first divergence">
        <Answered of="The first divergence" asked={found} rows={2}>
          {(answer) => <DivergenceStrip a={a} b={b} found={answer} />}
        </Answered>
      </PaneBoundary>
      <Tabs
        className="flex-1"
        label="Views of the comparison"
        value={view}
        onChange={setView}
        tabs={[
          { value: 'rows', label: 'Every row' },
          { value: 'steps', label: 'Parameters and steps' },
        ]}
      >
        {view === 'rows' && (
          <div className="flex h-full flex-col">
            <Answered of="The rows" asked={rows} rows={12}>
              {() => left.data !== undefined && right.data !== undefined && <AlignedRows a={left.data} b={right.data} onOpen={setOpened} />}
            </Answered>
          </div>
        )}
        {view === 'steps' && (
          <Answered of="The runs" asked={together}>
            {(answer) => <StepTable {...answer} />}
          </Answered>
        )}
      </Tabs>
      <Dialog isOpen={opened !== null} onClose={() => setOpened(null)} place="side" isModal={false} title={oneLine((opened?.a ?? opened?.b)?.event.type ?? '', 80)}>
        {opened !== null && (
          <div className="flex flex-col gap-4">
            {([['A', opened.a], ['B', opened.b]] as const).map(([name, step]) => (
              <section key={name} aria-label={`Payload in ${name}`}>
                <h3 className="font-semibold">
                  {name} {step === null ? <span className="font-normal text-text-2">has no such event</span> : <span className="figures font-normal text-text-2">{step.revision}</span>}
                </h3>
                {step !== null && <JsonTree value={step.event.data} label={`Payload in ${name}`} openLevels={2} />}
              </section>
            ))}
          </div>
        )}
      </Dialog>
    </>
  );
}

const addressOf = ({ streamType, streamId }: StreamAddress): string => `${streamType}/${streamId}`;

/** A place after the address is taken along in the address bar; what is compared is the whole run. */
function read(text: string | null): { readonly address: StreamAddress | null; readonly error: string | null } {
  if (text === null) return { address: null, error: null };
  try {
    const { streamType, streamId } = readPlace(text);
    return { address: { streamType, streamId }, error: null };
  } catch (thrown) {
    return { address: null, error: thrown instanceof LogError ? thrown.message : 'This is not an address.' };
  }
}
