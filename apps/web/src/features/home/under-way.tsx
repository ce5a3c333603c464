import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { streamHref } from '../../places.ts';
import { toneOf, wordOf } from '../../status.ts';
import { amount, duration } from '../../times.ts';
import { Instant, useNow } from '../../ui/instant.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { runsMessages } from '../runs/index.ts';
import type { Run } from '../runs/index.ts';
import { homeMessages } from './messages.ts';
import { Section } from './section.tsx';

/** Longer without a word than most work takes between two events. */
const silentMsMin = 10 * 60_000;
const rowsMax = 20;

export function UnderWay({ runs }: { readonly runs: readonly Run[] }): ReactElement {
  const { columns } = runsMessages;
  const now = useNow();
  return (
    <Section title={homeMessages.work} facts={<span className="text-text-2 figures">{amount(runs.length)}</span>}>
      {runs.length === 0 ? (
        <p className="px-4 py-2 text-text-2">{homeMessages.noWork}</p>
      ) : (
        <Table
          label={homeMessages.workTable}
          className="table-fixed"
          head={
            <>
              <HeadCell className="w-28 ps-4">{columns.status}</HeadCell>
              <HeadCell>{columns.name}</HeadCell>
              <HeadCell className="hidden w-32 column:table-cell">{columns.kind}</HeadCell>
              <HeadCell align="end" className="hidden w-20 column:table-cell">{columns.agents}</HeadCell>
              <HeadCell align="end" className="hidden w-20 column:table-cell">{columns.events}</HeadCell>
              <HeadCell className="w-44">{columns.last}</HeadCell>
            </>
          }
        >
          {runs.slice(0, rowsMax).map((run) => {
            const silentMs = run.lastEventAt === null ? 0 : now - Date.parse(run.lastEventAt);
            return (
              <Row key={`${run.streamType}/${run.streamId}`} className="relative">
                <Cell className="ps-4">
                  <StatusGlyph tone={toneOf(run.status)} word={wordOf(run.status)} showsWord />
                </Cell>
                <Cell className="truncate">
                  <Link to={streamHref(run)} className="foreign font-medium after:absolute after:inset-0 hover:underline">
                    {visibleText(run.title ?? run.streamId)}
                  </Link>
                </Cell>
                <Cell className="hidden text-text-2 column:table-cell">{run.streamType}</Cell>
                <Cell align="end" className="hidden column:table-cell">{amount(run.agents)}</Cell>
                <Cell align="end" className="hidden column:table-cell">{amount(run.revision)}</Cell>
                <Cell>
                  {silentMs < silentMsMin ? (
                    <Instant at={run.lastEventAt} as="ago" />
                  ) : (
                    <span className="inline-flex items-center gap-1.5 align-middle" title={run.lastEventAt ?? undefined}>
                      <StatusGlyph tone="warn" />
                      {homeMessages.silentFor(duration(silentMs))}
                    </span>
                  )}
                </Cell>
              </Row>
            );
          })}
        </Table>
      )}
    </Section>
  );
}
