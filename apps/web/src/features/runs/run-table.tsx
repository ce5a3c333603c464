/** Runs as rows. The whole row leads to the run; its name is the link that keyboards and readers find. */
import type { OutputOf } from '@refold/client';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { streamHref } from '../../places.ts';
import { toneOf, wordOf } from '../../status.ts';
import { amount, brief, duration } from '../../times.ts';
import { Instant } from '../../ui/instant.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine, visibleText } from '../../ui/visible-text.ts';
import { runsMessages } from './messages.ts';
import { PhaseStrip } from './phase-strip.tsx';

export type Run = OutputOf<'listRuns'>['items'][number];

export const addressOfRun = ({ streamType, streamId }: Run): string => `${streamType}/${streamId}`;

interface RunTableProps {
  readonly runs: readonly Run[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (address: string) => void;
}

export function RunTable({ runs, chosen, onChoose }: RunTableProps): ReactElement {
  const { columns } = runsMessages;
  return (
    <Table
      label={runsMessages.table}
      className="table-fixed"
      head={
        <>
          <HeadCell className="w-10 ps-3"><span className="sr-only">{columns.choose}</span></HeadCell>
          <HeadCell className="w-28">{columns.status}</HeadCell>
          <HeadCell>{columns.name}</HeadCell>
          <HeadCell className="hidden w-26 column:table-cell">{columns.kind}</HeadCell>
          <HeadCell className="hidden w-32 column:table-cell">{columns.started}</HeadCell>
          <HeadCell align="end" className="hidden w-24 wide:table-cell">{columns.lasted}</HeadCell>
          <HeadCell className="w-24">{columns.last}</HeadCell>
          <HeadCell className="hidden w-20 wide:table-cell">{columns.phases}</HeadCell>
          <HeadCell align="end" className="hidden w-16 wide:table-cell">{columns.tokens}</HeadCell>
          <HeadCell align="end" className="hidden w-16 wide:table-cell">{columns.agents}</HeadCell>
          <HeadCell align="end" className="hidden w-18 column:table-cell">{columns.events}</HeadCell>
          <HeadCell align="end" className="hidden w-20 pe-4 column:table-cell">{columns.failures}</HeadCell>
        </>
      }
    >
      {runs.map((run) => {
        const address = addressOfRun(run);
        const name = oneLine(run.title ?? run.streamId, 200);
        return (
          <Row key={address} className="relative">
            <Cell className="ps-3">
              <label className="relative z-[1] flex size-6 items-center justify-center">
                <input type="checkbox" aria-label={runsMessages.choose(name)} checked={chosen.has(address)} onChange={() => onChoose(address)} className="size-4 accent-accent" />
              </label>
            </Cell>
            <Cell>
              <StatusGlyph tone={toneOf(run.status)} word={wordOf(run.status)} showsWord />
            </Cell>
            <Cell className="truncate" title={run.lastFailure === null ? undefined : visibleText(run.lastFailure.summary)}>
              <Link to={streamHref(run)} data-run={address} className="foreign font-medium after:absolute after:inset-0 hover:underline">
                {name}
              </Link>
            </Cell>
            <Cell className="hidden text-text-2 column:table-cell">{run.streamType}</Cell>
            <Cell className="hidden column:table-cell"><Instant at={run.startedAt} /></Cell>
            <Cell align="end" className="hidden wide:table-cell">{run.startedAt === null || run.lastEventAt === null ? '–' : duration(Date.parse(run.lastEventAt) - Date.parse(run.startedAt))}</Cell>
            <Cell><Instant at={run.lastEventAt} as="ago" /></Cell>
            <Cell className="hidden wide:table-cell"><PhaseStrip phases={run.phases} /></Cell>
            <Cell align="end" className="hidden wide:table-cell">{run.tokens === 0 ? '–' : brief(run.tokens)}</Cell>
            <Cell align="end" className="hidden wide:table-cell">{amount(run.agents)}</Cell>
            <Cell align="end" className="hidden column:table-cell">{amount(run.revision)}</Cell>
            <Cell align="end" className={`hidden pe-4 column:table-cell ${run.failures > 0 ? 'text-error' : 'text-text-2'}`}>{amount(run.failures)}</Cell>
          </Row>
        );
      })}
    </Table>
  );
}
