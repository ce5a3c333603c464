/** Replays on record: of what, how far, what came of them. */
import type { OutputOf } from '@refold/client';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { streamHref } from '../../places.ts';
import { useAsk, useTell } from '../../refold.ts';
import { oneOf } from '../../search-parameters.ts';
import { toneOf, wordOf } from '../../status.ts';
import { amount, counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PaneBoundary } from '../../ui/error-pane.tsx';
import { Instant } from '../../ui/instant.tsx';
import { JsonTree } from '../../ui/json-tree.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { Facts, Section } from '../../ui/section.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { useSearch } from '../../use-search.ts';
import { WriteButton } from '../../write-button.tsx';
import { DryRun } from './dry-run.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';

type Replay = OutputOf<'getReplay'>;

export function ReplaysPage(): ReactElement {
  const { id } = useParams({ strict: false }) as { readonly id?: string };
  const [search, change] = useSearch();
  const replays = useAsk('listReplays', { limit: 200 }, { everyMs: 5_000 });
  // `?plan=type/id` opens the dialog for that stream: other pages link to it.
  const plan = oneOf(search, 'plan');
  return (
    <PageFrame title="Replays" scrolls={false} facts={replays.data !== undefined && <span className="text-text-2">{counted(replays.data.items.length, 'replay')}</span>} actions={<Button onClick={() => change({ plan: '/' }, { replaces: true })}>Dry run…</Button>}>
      <div className="flex min-h-0 flex-1">
        <ScrollRegion className={`min-w-0 flex-1 ${id === undefined ? '' : 'hidden column:block column:max-w-[50%]'}`} label="List of replays">
          <Answered of="The replays" asked={replays}>
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState title="Nothing has been replayed" actions={<Button onClick={() => change({ plan: '/' }, { replaces: true })}>Dry run…</Button>}>
                  A replay walks recorded events again. A dry run shows what each would do; an execution, started at a terminal, does it. Both go on record here.
                </EmptyState>
              ) : (
                <ReplayTable replays={items} selected={id ?? null} />
              )
            }
          </Answered>
        </ScrollRegion>
        {id !== undefined && (
          <ScrollRegion className="min-w-0 flex-1 border-line column:border-s" label="The replay">
            <PaneBoundary of="The replay" resetKey={id}>
              <ReplayDetail key={id} id={id} />
            </PaneBoundary>
          </ScrollRegion>
        )}
      </div>
      <DryRun target={plan === null ? null : plan === '/' ? '' : plan} onClose={() => change({ plan: undefined }, { replaces: true })} />
    </PageFrame>
  );
}

const ReplayTable = ({ replays, selected }: { readonly replays: readonly Replay[]; readonly selected: string | null }): ReactElement => (
  <Table
    label="Replays, the newest activity first"
    head={
      <>
        <HeadCell className="ps-4">Status</HeadCell>
        <HeadCell className="w-full">Of</HeadCell>
        <HeadCell className="hidden narrow:table-cell">Kind</HeadCell>
        <HeadCell align="end">Done again</HeadCell>
        <HeadCell align="end" className="hidden narrow:table-cell">Failed</HeadCell>
        <HeadCell className="hidden pe-4 narrow:table-cell">Last event</HeadCell>
      </>
    }
  >
    {replays.map((replay) => (
      <Row key={replay.replayId} aria-selected={replay.replayId === selected} className="aria-selected:bg-surface-3">
        <Cell className="ps-4">
          <StatusGlyph tone={toneOf(replay.status)} word={wordOf(replay.status)} showsWord />
        </Cell>
        <Cell className="max-w-0 truncate">
          <Link to="/replays/$id" params={{ id: replay.replayId }} className="foreign font-medium hover:underline">
            {oneLine(`${replay.target.type}/${replay.target.id}`, 100)}
          </Link>
        </Cell>
        <Cell className="hidden text-text-2 narrow:table-cell">{replay.mode === 'dry_run' ? 'dry run' : 'execution'}, {oneLine(replay.purpose, 30)}</Cell>
        <Cell align="end">{amount(replay.stepsDone)}</Cell>
        <Cell align="end" className="hidden narrow:table-cell">{amount(replay.failed)}</Cell>
        <Cell className="hidden pe-4 text-text-2 narrow:table-cell">
          <Instant at={replay.lastEventAt} as="ago" />
        </Cell>
      </Row>
    ))}
  </Table>
);

function ReplayDetail({ id }: { readonly id: string }): ReactElement {
  const replay = useAsk('getReplay', { id }, { everyMs: 3_000 });
  const steps = useAsk('replaySteps', { id, limit: 200 });
  const cancel = useTell('cancelReplay');
  return (
    <Answered of="The replay" asked={replay}>
      {(run) => (
        <div className="flex flex-col gap-5 p-4">
          <div className="flex flex-wrap items-center gap-3">
            <Link to="/replays" className="link column:hidden">
              ← Replays
            </Link>
            <StatusGlyph tone={toneOf(run.status)} word={wordOf(run.status)} showsWord className="font-medium" />
            <Link to={streamHref({ streamType: run.target.type, streamId: run.target.id })} className="link foreign">
              {oneLine(`${run.target.type}/${run.target.id}`, 100)}
            </Link>
            {run.status === 'running' && (
              <WriteButton scope="replay:execute" kind="danger" className="ms-auto" disabled={cancel.isPending} onClick={() => cancel.mutate({ id })}>
                Call it off
              </WriteButton>
            )}
          </div>
          {cancel.error !== null && (
            <p role="alert" className="foreign text-error">
              {cancel.error.message} <code>{cancel.error.code}</code>
            </p>
          )}
          <Facts
            facts={[
              ['Purpose', oneLine(run.purpose, 40)],
              ['Mode', run.mode === 'dry_run' ? 'dry run' : 'execution'],
              ['Replayed, skipped, failed', `${amount(run.replayed)}, ${amount(run.skipped)}, ${amount(run.failed)}`],
              ['Divergences', amount(run.divergences)],
              ['Stands at', run.sequence === null ? 'the start' : amount(run.sequence)],
              ['Started', <Instant key="started" at={run.startedAt} as="whole" />],
            ]}
          />
          <Section title="Effects that were done again">
            <Answered of="The effects" asked={steps} rows={4}>
              {({ items }) =>
                items.length === 0 ? (
                  <p className="text-text-2">None.</p>
                ) : (
                  <ol>
                    {items.map((step, index) => (
                      <li key={`${index} ${step.eventId}`} className="border-b border-line py-1">
                        <span className="flex items-baseline gap-2">
                          <StatusGlyph tone={step.action === 'executed' ? 'ok' : step.action === 'failed' ? 'error' : 'running'} word={step.action} showsWord />
                          <span className="figures">{step.sequence ?? ''}</span>
                          <code className="foreign truncate text-text-2">{oneLine(step.eventId, 40)}</code>
                          <Instant at={step.at} className="ms-auto text-text-2" />
                        </span>
                        {step.error !== null && <p className="foreign text-error">{oneLine(step.error, 300)}</p>}
                      </li>
                    ))}
                  </ol>
                )
              }
            </Answered>
          </Section>
          {run.report !== null && (
            <Section title="Report">
              <JsonTree value={run.report} label="Report" />
            </Section>
          )}
        </div>
      )}
    </Answered>
  );
}
