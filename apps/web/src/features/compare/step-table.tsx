/** What differs between the runs as wholes: parameters, steps, how they ended. */
import type { OutputOf } from '@refold/client';
import type { ReactElement } from 'react';
import { toneOf, wordOf } from '../../status.ts';
import { duration } from '../../times.ts';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine } from '../../ui/visible-text.ts';

export function StepTable({ runs, parameters, steps }: OutputOf<'compareRuns'>): ReactElement {
  return (
    <Table
      label="Runs side by side"
      head={
        <>
          <HeadCell className="ps-4">What</HeadCell>
          {runs.map((run, index) => (
            <HeadCell key={run.streamId} className="foreign max-w-0 w-[38%] truncate">
              {'AB'[index]} {oneLine(run.streamId, 60)}
            </HeadCell>
          ))}
        </>
      }
    >
      <Row>
        <Cell className="ps-4 text-text-2">Ended</Cell>
        {runs.map((run) => (
          <Cell key={run.streamId}>
            <StatusGlyph tone={toneOf(run.status)} word={wordOf(run.status)} showsWord /> <span className="ms-2 figures">{duration(run.durationMs)}</span>
          </Cell>
        ))}
      </Row>
      {parameters.map(({ path, values }) => (
        <Row key={path}>
          <Cell className="foreign ps-4 text-text-2">{oneLine(path.replace(/^\//, ''), 60)}</Cell>
          {values.map((value, index) => (
            <Cell key={runs[index]?.streamId ?? index} className="foreign max-w-0 truncate font-mono text-mono font-medium">{value === null ? 'none' : oneLine(JSON.stringify(value), 120)}</Cell>
          ))}
        </Row>
      ))}
      {steps.map((step) => (
        <Row key={step.name}>
          <Cell className="foreign ps-4 text-text-2">{oneLine(step.name, 60)}</Cell>
          {step.runs.map((run, index) => (
            <Cell key={runs[index]?.streamId ?? index}>
              {run === null ? (
                <span className="text-text-2">not there</span>
              ) : (
                <>
                  <StatusGlyph tone={toneOf(run.status)} word={wordOf(run.status)} showsWord /> <span className="ms-2 figures">{duration(run.durationMs)}</span>
                </>
              )}
            </Cell>
          ))}
        </Row>
      ))}
    </Table>
  );
}
