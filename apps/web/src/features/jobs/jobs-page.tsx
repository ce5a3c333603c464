/** Jobs: what runs, how far it is, and everything that can be done with one. The chosen job and its pane are in the address. */
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { useAsk } from '../../refold.ts';
import { oneOf } from '../../search-parameters.ts';
import { counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PaneBoundary } from '../../ui/error-pane.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { useSearch } from '../../use-search.ts';
import { CreateJob } from './create-job.tsx';
import { JobList } from './job-list.tsx';
import { JobPanel, jobPanes } from './job-panel.tsx';
import { byActivity } from './job-view.ts';
import { ScrollRegion } from '../../ui/scroll-region.tsx';

const statuses = ['pending', 'running', 'paused', 'completed', 'failed', 'cancelled'] as const;
const jobsMax = 500;

export function JobsPage(): ReactElement {
  const [search, change] = useSearch();
  const [isCreating, setIsCreating] = useState(false);
  const selected = oneOf(search, 'sel');
  const status = oneOf(search, 'status');
  const pane = jobPanes.find((name) => name === oneOf(search, 'pane')) ?? 'steps';
  const at = /^[1-9]\d{0,8}$/.test(oneOf(search, 'at') ?? '') ? Number(oneOf(search, 'at')) : null;
  const jobs = useAsk('listJobs', { limit: jobsMax, ...(status === null ? {} : { status: [status] }) }, { everyMs: 5_000, keepsLast: true });
  const open = (id: string): void => change({ sel: id, pane: undefined, at: undefined });
  return (
    <PageFrame
      title="Jobs"
      scrolls={false}
      facts={jobs.data !== undefined && <span className="text-text-2">{`${counted(jobs.data.items.length, 'job')}${jobs.data.nextCursor === null ? '' : ` of more; the first ${jobsMax} by id`}`}</span>}
      actions={
        <>
          <Field label="Status" hidesLabel>
            {(ties) => (
              <Select {...ties} value={status ?? ''} onChange={({ target }) => change({ status: target.value }, { replaces: true })}>
                <option value="">every status</option>
                {statuses.map((name) => (
                  <option key={name} value={name}>{name}</option>
                ))}
              </Select>
            )}
          </Field>
          <Button icon={<Plus size={14} aria-hidden />} onClick={() => setIsCreating(true)}>
            New job
          </Button>
        </>
      }
    >
      <div className="flex min-h-0 flex-1">
        <ScrollRegion className={`min-w-0 flex-1 ${selected === null ? '' : 'hidden column:block column:max-w-[46%]'}`} label="List of jobs">
          <Answered of="The jobs" asked={jobs}>
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState
                  title={status === null ? 'No job has been recorded' : `No job is ${status}`}
                  actions={status === null ? <Button onClick={() => setIsCreating(true)}>New job</Button> : <Button onClick={() => change({ status: undefined }, { replaces: true })}>Show every status</Button>}
                >
                  {status === null && (
                    <p>
                      A worker reports its jobs with the SDK or over HTTP; from a terminal: <code>refold job create --name "nightly triage"</code>
                    </p>
                  )}
                </EmptyState>
              ) : (
                <JobList jobs={byActivity(items)} selected={selected} onSelect={open} isBrief={selected !== null} />
              )
            }
          </Answered>
        </ScrollRegion>
        {selected !== null && (
          <div className="min-h-0 min-w-0 flex-1 border-line column:border-s">
            <PaneBoundary of="The job" resetKey={selected}>
              <JobPanel key={selected} id={selected} pane={pane} at={at} onPane={(next) => change({ pane: next === 'steps' ? undefined : next }, { replaces: true })} onMove={(revision) => change({ at: String(revision) }, { replaces: true })} onOpen={open} onClose={() => change({ sel: undefined, pane: undefined, at: undefined })} />
            </PaneBoundary>
          </div>
        )}
      </div>
      <CreateJob isOpen={isCreating} onClose={() => setIsCreating(false)} onCreated={open} />
    </PageFrame>
  );
}
