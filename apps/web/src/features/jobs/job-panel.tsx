/** One job, live: what it does now, what can be done with it, and how it came to where it is. */
import { useJobSubscription } from '@refold/react';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { streamHref } from '../../places.ts';
import { answers, useAsk, useTell } from '../../refold.ts';
import { hasEnded, toneOf, wordOf } from '../../status.ts';
import { duration } from '../../times.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Instant, useNow } from '../../ui/instant.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { WriteButton } from '../../write-button.tsx';
import { CancelJob } from './cancel-job.tsx';
import { JobLogs } from './job-logs.tsx';
import { JobStateAt } from './job-state-at.tsx';
import { JobSteps } from './job-steps.tsx';
import { actionsOf, durationOf, stateOf } from './job-view.ts';
import type { JobObject } from './job-view.ts';
import { RerunJob } from './rerun-job.tsx';

export const jobPanes = ['steps', 'logs', 'state'] as const;
export type JobPane = (typeof jobPanes)[number];

interface JobPanelProps {
  readonly id: string;
  readonly pane: JobPane;
  readonly at: number | null;
  readonly onPane: (pane: JobPane) => void;
  readonly onMove: (revision: number) => void;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
}

export function JobPanel(props: JobPanelProps): ReactElement {
  const job = useAsk('getJob', { id: props.id });
  return <Answered of="The job" asked={job}>{(answer) => <Panel job={answer} {...props} />}</Answered>;
}

function Panel({ job, id, pane, at, onPane, onMove, onOpen, onClose }: JobPanelProps & { readonly job: JobObject }): ReactElement {
  const state = stateOf(job);
  const live = useJobSubscription(id);
  const now = useNow();
  const [dialog, setDialog] = useState<'rerun' | 'cancel' | null>(null);
  useEffect(() => {
    // An update says that something is new; what it is, the log says.
    if (live.timestamp !== null) void Promise.all(['getJob', 'listJobs'].map((name) => answers.invalidateQueries({ queryKey: [name] })));
  }, [live.timestamp]);
  // The subscription is ahead of the answer for a moment; it never goes behind it.
  const isAhead = live.status !== null && !hasEnded(state.status);
  const status = isAhead ? (live.status ?? state.status) : state.status;
  const step = isAhead ? (live.currentStep ?? state.currentStep) : state.currentStep;
  const progress = status === 'completed' ? 1 : isAhead ? (live.progress ?? state.progress) : state.progress;
  const partner = state.rerunOf ?? state.reruns.at(-1) ?? null;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex shrink-0 flex-col gap-2 border-b border-line px-4 py-2">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Button kind="quiet" className="-ms-2 column:hidden" onClick={onClose}>
            ← Jobs
          </Button>
          <StatusGlyph tone={toneOf(status)} word={wordOf(status)} showsWord />
          <h2 className="foreign min-w-0 truncate text-title font-semibold">{oneLine(state.name ?? id)}</h2>
          <span className="foreign flex min-w-0 items-center text-text-2">
            <code className="truncate">{oneLine(id, 60)}</code>
            <CopyButton text={`job/${id}`} label="Copy address" />
          </span>
          <LivePill isOver={hasEnded(state.status)} connected={live.connected} />
        </div>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-text-2">
          {step !== null && !hasEnded(status) && <span className="foreign">in {oneLine(step, 60)}</span>}
          <Progress value={progress} label="Progress" className="w-36" />
          <span>
            started <Instant at={state.startedAt} as="ago" />
          </span>
          <span className="figures">{duration(durationOf(state, now))}</span>
          {state.rerunOf !== null && (
            <button type="button" className="link min-h-6" onClick={() => onOpen(state.rerunOf!)}>
              rerun of {oneLine(state.rerunOf, 40)}
            </button>
          )}
          {state.reruns.map((rerun) => (
            <button key={rerun} type="button" className="link min-h-6" onClick={() => onOpen(rerun)}>
              run again as {oneLine(rerun, 40)}
            </button>
          ))}
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <JobButtons id={id} status={state.status} onRerun={() => setDialog('rerun')} onCancel={() => setDialog('cancel')} />
          {partner !== null && (
            <Link to="/compare" search={{ a: `job/${id}`, b: `job/${partner}` }} className={buttonClass()}>
              Compare with {oneLine(partner, 24)}
            </Link>
          )}
          <Link to={streamHref({ streamType: 'job', streamId: id }, 'debug')} className={buttonClass()}>
            Debug
          </Link>
        </div>
      </header>
      <Tabs
        className="flex-1"
        label="Views of the job"
        value={pane}
        onChange={onPane}
        tabs={[
          { value: 'steps', label: 'Steps' },
          { value: 'logs', label: 'Log' },
          { value: 'state', label: 'State at' },
        ]}
      >
        {pane === 'steps' && <JobSteps state={state} />}
        {pane === 'logs' && <JobLogs id={id} />}
        {pane === 'state' && <JobStateAt id={id} head={job.revision} at={at} onMove={onMove} />}
      </Tabs>
      <RerunJob isOpen={dialog === 'rerun'} onClose={() => setDialog(null)} job={job} onStarted={onOpen} />
      <CancelJob isOpen={dialog === 'cancel'} onClose={() => setDialog(null)} id={id} />
    </div>
  );
}

function LivePill({ isOver, connected }: { readonly isOver: boolean; readonly connected: boolean }): ReactElement {
  const [tone, word] = isOver ? (['quiet', 'ended'] as const) : connected ? (['running', 'live'] as const) : (['warn', 'reconnecting'] as const);
  return <StatusGlyph tone={tone} word={word} showsWord className="ms-auto" />;
}

interface JobButtonsProps {
  readonly id: string;
  readonly status: string;
  readonly onRerun: () => void;
  readonly onCancel: () => void;
}

function JobButtons({ id, status, onRerun, onCancel }: JobButtonsProps): ReactElement {
  const start = useTell('startJob');
  const pause = useTell('pauseJob');
  const resume = useTell('resumeJob');
  const error = start.error ?? pause.error ?? resume.error;
  const isBusy = start.isPending || pause.isPending || resume.isPending;
  const can = new Set(actionsOf(status));
  return (
    <>
      {can.has('start') && (
        <WriteButton kind="strong" disabled={isBusy} onClick={() => start.mutate({ id })}>
          Start
        </WriteButton>
      )}
      {can.has('pause') && (
        <WriteButton disabled={isBusy} onClick={() => pause.mutate({ id })}>
          Pause
        </WriteButton>
      )}
      {can.has('resume') && (
        <WriteButton kind="strong" disabled={isBusy} onClick={() => resume.mutate({ id })}>
          Resume
        </WriteButton>
      )}
      {can.has('cancel') && <Button onClick={onCancel}>Cancel…</Button>}
      {can.has('rerun') && (
        <Button kind="strong" onClick={onRerun}>
          Run again…
        </Button>
      )}
      {error !== null && (
        <p role="alert" className="foreign basis-full text-error">
          {error.message} <code>{error.code}</code>
        </p>
      )}
    </>
  );
}
