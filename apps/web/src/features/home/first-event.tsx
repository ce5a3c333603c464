/** What an empty log shows: how to send the first event, and a run to look at. It goes by itself when an event is there. */
import { FlaskConical } from 'lucide-react';
import type { ReactElement } from 'react';
import { useMutation } from '@tanstack/react-query';
import { answers, asLogError, refold } from '../../refold.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ErrorPane } from '../../ui/error-pane.tsx';
import { WriteButton } from '../../write-button.tsx';
import { homeMessages } from './messages.ts';

const server = location.origin;

const commands = {
  transcripts: `refold import claude-code ~/.claude/projects --server ${server}`,
  command: `refold append job.created --stream job/42 --data '{"name":"nightly"}' --server ${server}`,
  curl: `curl ${server}/api/v1/events \\
  -H "Authorization: Bearer $(cat .refold/token)" \\
  -H 'Content-Type: application/json' \\
  -d '{"events":[{"type":"job.created","streamType":"job","streamId":"42","data":{"name":"nightly"}}]}'`,
} as const;

export function FirstEvent(): ReactElement {
  const demo = useMutation({ mutationFn: loadDemo, onSuccess: () => answers.invalidateQueries() });
  return (
    <div className="flex flex-col gap-6 p-4 column:p-8">
      <div>
        <h2 className="text-title font-semibold">{homeMessages.first}</h2>
        <p className="text-text-2">{homeMessages.firstText}</p>
      </div>
      <div className="grid gap-3 wide:grid-cols-3">
        {(['transcripts', 'command', 'curl'] as const).map((way) => (
          <section key={way} aria-label={homeMessages.ways[way].title} className="flex min-w-0 flex-col gap-2 rounded border border-line p-3">
            <h3 className="font-semibold">{homeMessages.ways[way].title}</h3>
            <p className="text-text-2">{homeMessages.ways[way].text}</p>
            <div className="flex items-start gap-1 rounded bg-surface-2 p-2">
              {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be reached by keys */}
              <pre className="min-w-0 flex-1 overflow-x-auto leading-5" tabIndex={0}>{commands[way]}</pre>
              <CopyButton text={commands[way]} />
            </div>
          </section>
        ))}
      </div>
      <div className="flex flex-col items-start gap-2">
        <WriteButton kind="strong" icon={<FlaskConical size={14} aria-hidden />} onClick={() => demo.mutate()} disabled={demo.isPending}>
          {demo.isPending ? homeMessages.loading : homeMessages.loadDemo}
        </WriteButton>
        <p className="max-w-[70ch] text-text-2">{homeMessages.loadDemoNote}</p>
        {demo.error !== null && <ErrorPane error={asLogError(demo.error)} of={homeMessages.loadDemo} onRetry={() => demo.mutate()} />}
      </div>
    </div>
  );
}

/** The run of the examples; it comes along when it is wanted. Loading it again adds nothing. */
async function loadDemo(): Promise<void> {
  const { default: text } = await import('./demo-run.jsonl?raw');
  await refold.importRecords({ producer: 'auto', name: 'PROJ-123/events.jsonl', text });
}
