/** What an auditor asks of a stream: what was not seen, does what is stored hold, who told it, which states are kept. */
import type { OutputOf } from '@refold/client';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { placeHref } from '../../../places.ts';
import { asLogError, refold, useAsk } from '../../../refold.ts';
import { amount, bytes } from '../../../times.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorPane } from '../../../ui/error-pane.tsx';
import { Instant } from '../../../ui/instant.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { StatusGlyph } from '../../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../../ui/table.tsx';
import { oneLine, visibleText } from '../../../ui/visible-text.ts';
import { textOf } from '../run-title.ts';
import type { StreamTabProps } from '../tab-props.ts';
import { gapRowsOf } from './coverage-rows.ts';
import { auditMessages } from './messages.ts';
import { RestoreCheckpoint } from './restore-checkpoint.tsx';

export function AuditTab({ streamType, streamId, stream }: StreamTabProps): ReactElement {
  return (
    <div className="mx-auto flex max-w-[1180px] flex-col gap-7 p-4">
      <Coverage streamType={streamType} streamId={streamId} />
      <Integrity address={`${streamType}/${streamId}`} />
      <Correlation correlationId={correlationOf(stream.state)} />
      <Kept streamType={streamType} streamId={streamId} />
    </div>
  );
}

interface OfStream {
  readonly streamType: string;
  readonly streamId: string;
}

const Part = ({ title, note, actions, children }: { readonly title: string; readonly note?: string; readonly actions?: ReactNode; readonly children: ReactNode }): ReactElement => (
  <section aria-label={title}>
    <div className="mb-1 flex min-h-7 flex-wrap items-center gap-3">
      <h2 className="font-semibold">{title}</h2>
      {actions}
    </div>
    {note !== undefined && <p className="mb-2 text-text-2">{note}</p>}
    {children}
  </section>
);

function Coverage({ streamType, streamId }: OfStream): ReactElement {
  const { data, error, refetch } = useAsk('coverage', { streamType, streamId, items: 50 });
  const { columns } = auditMessages;
  if (error !== null) return <ErrorPane error={error} of={auditMessages.coverage} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  const gaps = gapRowsOf(data);
  return (
    <>
      <Part title={auditMessages.coverage} note={auditMessages.coverageNote}>
        {gaps.length === 0 ? (
          <StatusGlyph tone="ok" word={auditMessages.all} showsWord />
        ) : (
          <Table label={auditMessages.coverage} head={<><HeadCell>{columns.kind}</HeadCell><HeadCell align="end">{columns.count}</HeadCell><HeadCell>{columns.event}</HeadCell><HeadCell className="w-full">{columns.detail}</HeadCell></>}>
            {gaps.map(({ kind, count, items }) => (
              <Fragment key={kind}>
                {(items.length === 0 ? [null] : items).map((item, index) => (
                  <Row key={`${kind} ${index}`}>
                    <Cell>{index === 0 && <StatusGlyph tone="warn" word={auditMessages.kinds[kind]} showsWord />}</Cell>
                    <Cell align="end">{index === 0 && amount(count)}</Cell>
                    <Cell>
                      {item !== null && (item.revision === null ? <span className="foreign">{visibleText(item.type)}</span> : <Link to={placeHref({ streamType, streamId }, item.revision)} className="link">{`@${item.revision} ${visibleText(item.type)}`}</Link>)}
                    </Cell>
                    <Cell className="foreign max-w-0 truncate text-text-2">{item === null ? '' : oneLine(item.detail)}</Cell>
                  </Row>
                ))}
              </Fragment>
            ))}
          </Table>
        )}
      </Part>
      <Part title={auditMessages.producers}>
        <Table label={auditMessages.producers} head={<><HeadCell className="w-full">{columns.producer}</HeadCell>{([columns.events, columns.derived, columns.late, columns.flagged]).map((name) => <HeadCell key={name} align="end">{name}</HeadCell>)}<HeadCell>{columns.from}</HeadCell><HeadCell>{columns.to}</HeadCell></>}>
          {data.producers.map(({ producer, events, derived, late, flagged, earliest, latest }) => (
            <Row key={String(producer)}>
              <Cell className="foreign">{visibleText(String(producer))}</Cell>
              {[events, derived, late, flagged].map((count, index) => (
                <Cell key={index} align="end">{typeof count === 'number' ? amount(count) : '–'}</Cell>
              ))}
              <Cell><Instant at={typeof earliest === 'string' ? earliest : null} /></Cell>
              <Cell><Instant at={typeof latest === 'string' ? latest : null} /></Cell>
            </Row>
          ))}
        </Table>
      </Part>
    </>
  );
}

function Integrity({ address }: { readonly address: string }): ReactElement {
  const { data, error, isPending, mutate } = useMutation({ mutationFn: () => refold.verifyLog({ stream: address }) });
  return (
    <Part
      title={auditMessages.integrity}
      note={auditMessages.integrityNote}
      actions={
        <>
          <Button onClick={() => mutate()} disabled={isPending}>
            {isPending ? auditMessages.verifying : data === undefined ? auditMessages.verify : auditMessages.verifyAgain}
          </Button>
          {data !== undefined && <StatusGlyph tone={data.ok ? 'ok' : 'tampered'} word={data.ok ? auditMessages.holds(amount(data.checked)) : auditMessages.broken(amount(data.findingsTotal))} showsWord />}
        </>
      }
    >
      {error !== null && <ErrorPane error={asLogError(error)} of={auditMessages.integrity} onRetry={() => mutate()} />}
      {data !== undefined && <Findings verification={data} />}
    </Part>
  );
}

const Findings = ({ verification: { findings, notChecked } }: { readonly verification: OutputOf<'verifyLog'> }): ReactElement => (
  <>
    {findings.length > 0 && (
      <ul className="flex flex-col gap-1">
        {findings.map(({ code, revision, detail }, index) => (
          <li key={index} className="flex items-baseline gap-2">
            <StatusGlyph tone="tampered" className="self-center" />
            <code>{code}</code>
            {revision !== null && <span className="figures">@{revision}</span>}
            <span className="foreign">{visibleText(detail)}</span>
          </li>
        ))}
      </ul>
    )}
    {notChecked.length > 0 && (
      <p className="text-text-2">
        {auditMessages.notChecked}: {notChecked.map(({ kind, count }) => `${kind} ${amount(count)}`).join(', ')}
      </p>
    )}
  </>
);

function Correlation({ correlationId }: { readonly correlationId: string | null }): ReactElement {
  const { data, error, isPending, mutate } = useMutation({ mutationFn: (id: string) => refold.validateCorrelation({ id }) });
  const check = (): void => {
    if (correlationId !== null) mutate(correlationId);
  };
  return (
    <Part
      title={auditMessages.correlation}
      actions={
        correlationId === null ? undefined : (
          <>
            <Button onClick={check} disabled={isPending}>
              {auditMessages.checkChain}
            </Button>
            {data !== undefined && <StatusGlyph tone={data.ok ? 'ok' : 'warn'} word={data.ok ? auditMessages.chainHolds(amount(data.checked)) : auditMessages.chainBroken(amount(data.violations.length))} showsWord />}
          </>
        )
      }
    >
      <p className="foreign text-text-2">{correlationId === null ? auditMessages.noCorrelation : <code>{visibleText(correlationId)}</code>}</p>
      {error !== null && <ErrorPane error={asLogError(error)} of={auditMessages.correlation} onRetry={check} />}
      {data !== undefined && data.violations.length > 0 && (
        <ul className="mt-2 flex flex-col gap-1">
          {data.violations.slice(0, 100).map(({ code, severity, revision, detail }, index) => (
            <li key={index} className="flex items-baseline gap-2">
              <StatusGlyph tone={severity === 'error' ? 'error' : 'quiet'} className="self-center" word={severity} />
              <code>{code}</code>
              {revision !== null && <span className="figures">@{revision}</span>}
              <span className="foreign">{visibleText(detail)}</span>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

function Kept({ streamType, streamId }: OfStream): ReactElement {
  const snapshots = useAsk('listSnapshots', { streamType, streamId });
  const checkpoints = useAsk('listCheckpoints', { streamType, streamId });
  const [restoring, setRestoring] = useState<{ readonly id: string; readonly label: string } | null>(null);
  const { columns } = auditMessages;
  return (
    <>
      <Part title={auditMessages.checkpoints}>
        {checkpoints.error !== null && <ErrorPane error={checkpoints.error} of={auditMessages.checkpoints} />}
        {checkpoints.data?.items.length === 0 && <p className="text-text-2">{auditMessages.none}</p>}
        {checkpoints.data !== undefined && checkpoints.data.items.length > 0 && (
          <Table label={auditMessages.checkpoints} head={<><HeadCell className="w-full">{columns.label}</HeadCell><HeadCell align="end">{columns.revision}</HeadCell><HeadCell>{columns.created}</HeadCell><HeadCell align="end">{columns.restored}</HeadCell><HeadCell /></>}>
            {checkpoints.data.items.map(({ id, label, sequence, createdAt, restoredCount }) => (
              <Row key={id}>
                <Cell className="foreign"><Link to={placeHref({ streamType, streamId }, sequence)} className="link">{visibleText(label ?? id)}</Link></Cell>
                <Cell align="end">{amount(sequence)}</Cell>
                <Cell><Instant at={createdAt} /></Cell>
                <Cell align="end">{amount(restoredCount)}</Cell>
                <Cell align="end">
                  <Button kind="quiet" aria-label={auditMessages.restore(visibleText(label ?? id))} onClick={() => setRestoring({ id, label: label ?? id })}>
                    {auditMessages.restoreShort}
                  </Button>
                </Cell>
              </Row>
            ))}
          </Table>
        )}
        <RestoreCheckpoint streamType={streamType} streamId={streamId} checkpoint={restoring} onClose={() => setRestoring(null)} />
      </Part>
      <Part title={auditMessages.snapshots}>
        {snapshots.error !== null && <ErrorPane error={snapshots.error} of={auditMessages.snapshots} />}
        {snapshots.data?.items.length === 0 && <p className="text-text-2">{auditMessages.none}</p>}
        {snapshots.data !== undefined && snapshots.data.items.length > 0 && (
          <Table label={auditMessages.snapshots} head={<><HeadCell align="end">{columns.revision}</HeadCell><HeadCell className="w-full">{columns.fold}</HeadCell><HeadCell align="end">{columns.bytes}</HeadCell><HeadCell>{columns.pinned}</HeadCell></>}>
            {snapshots.data.items.map(({ revision, foldVersion, bytes: size, pinned }) => (
              <Row key={revision}>
                <Cell align="end">{amount(revision)}</Cell>
                <Cell><code>{foldVersion}</code></Cell>
                <Cell align="end">{bytes(size)}</Cell>
                <Cell>{pinned ? auditMessages.yes : auditMessages.no}</Cell>
              </Row>
            ))}
          </Table>
        )}
      </Part>
    </>
  );
}

const correlationOf = (state: { readonly [field: string]: unknown }): string | null => {
  const chain = state['correlationChain'];
  const [first] = Array.isArray(chain) ? (chain as readonly unknown[]) : [];
  return typeof first === 'string' ? first : textOf(state, 'correlationId');
};
