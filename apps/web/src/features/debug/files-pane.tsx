/** The commits and changed files that the state knows at this place. They are read from the fold: what a step does to them is shown with it. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { amount, counted } from '../../times.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPane } from '../../ui/error-pane.tsx';
import type { Failure } from '../../ui/error-pane.tsx';
import { useStoreValue } from '../../ui/external-store.ts';
import { Instant } from '../../ui/instant.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import type { DebugModel } from './debug-model.ts';
import { isSuperseded } from './fold-client.ts';

interface Fields {
  readonly [name: string]: unknown;
}

interface Found {
  readonly files: readonly (readonly [path: string, fields: Fields])[];
  readonly commits: readonly (readonly [sha: string, fields: Fields])[];
  /** Those that a long run no longer lists, too. */
  readonly filesTotal: number;
  readonly commitsTotal: number;
}

const shownMax = 250;

export function FilesPane({ model }: { readonly model: DebugModel }): ReactElement {
  const revision = useStoreValue(model.place, (value) => value.answer?.revision ?? null);
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (revision === null) return;
    let isLeft = false;
    Promise.all(['/files', '/commits', '/totals'].map(async (pointer) => fieldsOf(JSON.parse((await model.fold.ask({ is: 'value', revision, pointer })).json)))).then(
      ([files, commits, totals]) => {
        if (isLeft) return;
        setError(null);
        setFound({ files: entriesOf(files!), commits: entriesOf(commits!).map(([place, fields]) => [textOf(fields['sha']) || place, fields] as const), filesTotal: totalOf(totals!, 'files', files!), commitsTotal: totalOf(totals!, 'commits', commits!) });
      },
      (thrown: unknown) => {
        if (!isLeft && !isSuperseded(thrown)) setError(thrown);
      },
    );
    return () => {
      isLeft = true;
    };
  }, [model, revision]);
  if (error !== null) return <ErrorPane error={error as Failure} of="The files" />;
  if (found === null) return <Skeleton rows={6} />;
  const { files, commits, filesTotal, commitsTotal } = found;
  if (files.length === 0 && commits.length === 0) return <EmptyState title="No file and no commit is known here">What file.changed and git.commit_created told up to this event stands here.</EmptyState>;
  return (
    <ScrollRegion label="Files" className="flex-1">
      <Part title="Commits" shown={commits.length} total={commitsTotal}>
        {commits.slice(0, shownMax).map(([sha, fields]) => (
          <li key={sha} className="flex min-h-row items-center gap-3 border-b border-line/40 px-3">
            <code title={visibleText(sha)}>{visibleText(sha.slice(0, 12))}</code>
            <span className="foreign min-w-0 flex-1 truncate">{visibleText(textOf(fields['message']))}</span>
            <span className="foreign max-w-[30%] truncate text-text-2" title={visibleText(textOf(fields['branch']))}>{visibleText(textOf(fields['branch']))}</span>
            <At fields={fields} />
          </li>
        ))}
      </Part>
      <Part title="Changed files" shown={files.length} total={filesTotal}>
        {files.slice(0, shownMax).map(([path, fields]) => (
          <li key={path} className="flex min-h-row items-center gap-3 border-b border-line/40 px-3">
            <code className="foreign min-w-0 flex-1 truncate" title={visibleText(path)}>{visibleText(path)}</code>
            {typeof fields['changes'] === 'number' && fields['changes'] > 1 && <span className="figures text-text-2">{amount(fields['changes'])} times</span>}
            <span className="shrink-0 text-text-2">{visibleText(textOf(fields['operation']))}</span>
            <At fields={fields} />
          </li>
        ))}
      </Part>
    </ScrollRegion>
  );
}

function Part({ title, shown, total, children }: { readonly title: string; readonly shown: number; readonly total: number; readonly children: readonly ReactElement[] }): ReactElement | null {
  if (shown === 0) return null;
  return (
    <section>
      <h3 className="flex h-7 items-center justify-between bg-surface-2 px-3 text-small font-semibold text-text-2">
        {title} <span className="figures font-normal">{total > Math.min(shown, shownMax) ? `newest ${amount(Math.min(shown, shownMax))} of ${amount(total)}` : counted(total, 'entry', 'entries')}</span>
      </h3>
      <ul>{children}</ul>
    </section>
  );
}

const At = ({ fields }: { readonly fields: Fields }): ReactElement | null => (typeof fields['at'] === 'string' ? <Instant at={fields['at']} as="precise" className="figures shrink-0 text-text-2" /> : null);

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** The newest first: a state lists what came in the order in which it came. */
const entriesOf = (fields: Fields): readonly (readonly [string, Fields])[] => Object.entries(fields).map(([name, part]) => [name, fieldsOf(part)] as const).toReversed();

/** A run counts what it ever had where it lists the newest alone. */
function totalOf(totals: Fields, family: string, listed: Fields): number {
  const started = fieldsOf(totals[family])['started'];
  return Math.max(typeof started === 'number' ? started : 0, Object.keys(listed).length);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
