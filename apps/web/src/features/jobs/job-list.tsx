import type { ReactElement } from 'react';
import { toneOf, wordOf } from '../../status.ts';
import { duration } from '../../times.ts';
import { Instant, useNow } from '../../ui/instant.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { durationOf, stateOf } from './job-view.ts';
import type { JobObject } from './job-view.ts';

interface JobListProps {
  readonly jobs: readonly JobObject[];
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
  /** There is little room: what the panel beside it says is left out. */
  readonly isBrief: boolean;
}

export function JobList({ jobs, selected, onSelect, isBrief }: JobListProps): ReactElement {
  const now = useNow();
  return (
    <Table
      label="Jobs"
      head={
        <>
          <HeadCell className="ps-4">Status</HeadCell>
          <HeadCell>Job</HeadCell>
          {!isBrief && <HeadCell className="hidden narrow:table-cell">Step</HeadCell>}
          <HeadCell>Progress</HeadCell>
          {!isBrief && <HeadCell align="end" className="hidden narrow:table-cell">Took</HeadCell>}
          <HeadCell className="hidden narrow:table-cell pe-4">Last event</HeadCell>
        </>
      }
    >
      {jobs.map((job) => {
        const state = stateOf(job);
        return (
          <Row key={job.streamId} aria-selected={job.streamId === selected} className="aria-selected:bg-surface-3">
            <Cell className="ps-4">
              <StatusGlyph tone={toneOf(state.status)} word={wordOf(state.status)} showsWord />
            </Cell>
            <Cell className="max-w-0 w-full">
              <button type="button" className="foreign flex min-h-6 w-full items-center gap-2 text-start" onClick={() => onSelect(job.streamId)}>
                <span className="truncate font-medium">{oneLine(state.name ?? job.streamId)}</span>
                <span className="hidden truncate text-text-2 column:inline">{oneLine(job.streamId)}</span>
                {state.rerunOf !== null && !isBrief && <span className="hidden shrink-0 text-text-2 wide:inline">rerun of {oneLine(state.rerunOf, 24)}</span>}
              </button>
            </Cell>
            {!isBrief && <Cell className="foreign hidden max-w-40 truncate narrow:table-cell">{oneLine(state.currentStep ?? '–', 40)}</Cell>}
            <Cell>
              <Progress value={state.status === 'completed' ? 1 : state.progress} label={`Progress of ${oneLine(job.streamId, 40)}`} className="w-24" />
            </Cell>
            {!isBrief && <Cell align="end" className="hidden narrow:table-cell">{duration(durationOf(state, now))}</Cell>}
            <Cell className="hidden pe-4 text-text-2 narrow:table-cell">
              <Instant at={typeof job.state['lastEventAt'] === 'string' ? job.state['lastEventAt'] : null} as="ago" />
            </Cell>
          </Row>
        );
      })}
    </Table>
  );
}
