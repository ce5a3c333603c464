/** The state of a stream at a place, what set it apart from another place, and how one value of it came about. */
import type { OutputOf } from '@refold/client';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { placeHref } from '../../../places.ts';
import { redactionMark } from '../../../redaction-mark.tsx';
import { useAsk } from '../../../refold.ts';
import { oneOf } from '../../../search-parameters.ts';
import { amount, counted } from '../../../times.ts';
import { Button, buttonClass } from '../../../ui/button.tsx';
import { ErrorPane } from '../../../ui/error-pane.tsx';
import { Input, Select } from '../../../ui/field.tsx';
import { Instant } from '../../../ui/instant.tsx';
import { JsonTree } from '../../../ui/json-tree.tsx';
import { ScrollRegion } from '../../../ui/scroll-region.tsx';
import { BusyBar, Skeleton } from '../../../ui/skeleton.tsx';
import { StatusGlyph } from '../../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../../ui/table.tsx';
import { oneLine } from '../../../ui/visible-text.ts';
import { useSearch } from '../../../use-search.ts';
import type { StreamTabProps } from '../tab-props.ts';
import { stateMessages } from './messages.ts';

const changesMax = 500;

export function StateTab({ streamType, streamId }: StreamTabProps): ReactElement {
  const [search, change] = useSearch();
  const at = oneOf(search, 'at') ?? 'end';
  const base = oneOf(search, 'base') ?? 'previous';
  const path = oneOf(search, 'path');
  const there = useAsk('stateAt', { streamType, streamId, place: at }, { keepsLast: true });
  const revision = there.data?.revision ?? null;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1">
        <PlaceBox key={at} at={at} onGo={(place) => change({ at: place === 'end' ? undefined : place })} />
        <label className="flex items-center gap-2 text-text-2">
          {stateMessages.base}
          <Select value={base} onChange={(event) => change({ base: event.target.value === 'previous' ? undefined : event.target.value })} className="text-text">
            {(['previous', 'start', 'none'] as const).map((value) => (
              <option key={value} value={value}>{stateMessages.bases[value]}</option>
            ))}
          </Select>
        </label>
        {there.data !== undefined && (
          <span className="text-text-2 figures">
            {stateMessages.events(amount(there.data.revision), amount(there.data.head))}
            {there.data.stragglers > 0 && ` · ${stateMessages.stragglers(counted(there.data.stragglers, 'event'))}`}
          </span>
        )}
        {revision !== null && (
          <Link to={placeHref({ streamType, streamId }, revision)} className={`${buttonClass('quiet')} ms-auto`}>
            {stateMessages.debugHere}
          </Link>
        )}
      </div>
      <BusyBar isBusy={there.isFetching} />
      {there.error !== null && <ErrorPane error={there.error} of={stateMessages.of} onRetry={() => void there.refetch()} />}
      {there.data === undefined && there.error === null && <Skeleton rows={16} />}
      {there.data !== undefined && there.error === null && (
        <div className="grid min-h-0 flex-1 grid-rows-2 wide:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] wide:grid-rows-1">
          <ScrollRegion label={stateMessages.state} className="p-3">
            <Anomalies state={there.data.state} revision={there.data.revision} />
            <JsonTree value={there.data.state} label={stateMessages.state} markOf={redactionMark} />
          </ScrollRegion>
          <ScrollRegion label={stateMessages.changes} className="border-t border-line wide:border-s wide:border-t-0">
            {base !== 'none' && <Changes streamType={streamType} streamId={streamId} revision={there.data.revision} base={base} onPath={(pointer) => change({ path: pointer })} />}
            <History streamType={streamType} streamId={streamId} path={path} upTo={there.data.revision} onPath={(pointer) => change({ path: pointer })} />
          </ScrollRegion>
        </div>
      )}
    </div>
  );
}

/** What the fold did not expect: said where it happened, and counted afterwards. */
function Anomalies({ state: { anomalies }, revision }: { readonly state: OutputOf<'stateAt'>['state']; readonly revision: number }): ReactElement | null {
  if (!Array.isArray(anomalies) || anomalies.length === 0) return null;
  const here = (anomalies as readonly { readonly [name: string]: unknown }[]).find((anomaly) => anomaly['revision'] === revision);
  return (
    <p role="status" className="mb-2 flex flex-wrap items-center gap-x-2 border-s-2 border-warn bg-surface-2 px-3 py-1">
      <StatusGlyph tone="warn" />
      {here === undefined ? stateMessages.anomaliesBefore(counted(anomalies.length, 'event')) : stateMessages.anomalyHere}
      {here !== undefined && (
        <span className="foreign">
          {oneLine(String(here['detail']), 300)} <code>{oneLine(String(here['code']), 60)}</code>
        </span>
      )}
    </p>
  );
}

function PlaceBox({ at, onGo }: { readonly at: string; readonly onGo: (place: string) => void }): ReactElement {
  const [text, setText] = useState(at);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onGo(text.trim() === '' ? 'end' : text.trim());
  };
  return (
    <form onSubmit={submit} className="flex items-center gap-2">
      <label className="flex items-center gap-2 text-text-2">
        {stateMessages.at}
        <Input value={text} onChange={(event) => setText(event.target.value)} placeholder={stateMessages.atPlaceholder} spellCheck={false} className="w-44 font-mono text-mono text-text" />
      </label>
      <Button type="submit">{stateMessages.go}</Button>
    </form>
  );
}

interface ChangesProps {
  readonly streamType: string;
  readonly streamId: string;
  readonly revision: number;
  readonly base: string;
  readonly onPath: (pointer: string) => void;
}

function Changes({ streamType, streamId, revision, base, onPath }: ChangesProps): ReactElement {
  const from = base === 'start' ? 0 : Math.max(0, revision - 1);
  const { data, error, refetch } = useAsk('diffStates', { streamType, streamId, fromRevision: from, toRevision: revision }, { keepsLast: true });
  const { columns, ops } = stateMessages;
  return (
    <section aria-label={stateMessages.changes}>
      <h2 className="px-3 py-2 font-semibold">
        {stateMessages.changes} <span className="font-normal text-text-2 figures">{data === undefined ? '' : amount(data.patches.length)}</span>
      </h2>
      {error !== null && <ErrorPane error={error} of={stateMessages.changes} onRetry={() => void refetch()} />}
      {data?.patches.length === 0 && <p className="px-3 text-text-2">{stateMessages.noChanges}</p>}
      {data !== undefined && data.patches.length > 0 && (
        <Table label={stateMessages.changes} className="table-fixed" head={<><HeadCell className="w-2/5 ps-3">{columns.path}</HeadCell><HeadCell>{columns.before}</HeadCell><HeadCell>{columns.after}</HeadCell></>}>
          {data.patches.slice(0, changesMax).map(({ op, path, before, after }) => (
            <Row key={path}>
              <Cell className="truncate ps-3">
                <span className="sr-only">{ops[op]} </span>
                <span aria-hidden className="me-1.5 inline-block w-2 text-text-2">{op === 'add' ? '+' : op === 'remove' ? '-' : '~'}</span>
                <button type="button" className="foreign max-w-full truncate align-bottom font-mono text-mono hover:underline" title={oneLine(path, 400)} onClick={() => onPath(path)}>
                  {oneLine(path)}
                </button>
              </Cell>
              <Cell className="foreign truncate font-mono text-mono text-text-2">{op === 'add' ? '–' : textOfValue(before)}</Cell>
              <Cell className="foreign truncate font-mono text-mono">{op === 'remove' ? '–' : textOfValue(after)}</Cell>
            </Row>
          ))}
        </Table>
      )}
      {data !== undefined && data.patches.length > changesMax && <p className="px-3 py-1 text-text-2">{stateMessages.more}</p>}
    </section>
  );
}

interface HistoryProps {
  readonly streamType: string;
  readonly streamId: string;
  readonly path: string | null;
  readonly upTo: number;
  readonly onPath: (pointer: string | undefined) => void;
}

function History({ streamType, streamId, path, upTo, onPath }: HistoryProps): ReactElement {
  const [text, setText] = useState(path ?? '');
  const { data, error } = useAsk('stateHistory', { streamType, streamId, path: path ?? '/', upTo, limit: 200 }, { enabled: path !== null, keepsLast: false });
  const { columns } = stateMessages;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onPath(text.trim() === '' ? undefined : text.trim());
  };
  return (
    <section aria-label={stateMessages.history('')} className="py-2">
      <form onSubmit={submit} className="flex items-center gap-2 px-3 py-2">
        <label className="flex min-w-0 flex-1 items-center gap-2 font-semibold">
          {stateMessages.pathLabel}
          <Input value={text} onChange={(event) => setText(event.target.value)} placeholder={stateMessages.pathPlaceholder} spellCheck={false} className="flex-1 font-mono text-mono font-normal" />
        </label>
        <Button type="submit">{stateMessages.show}</Button>
      </form>
      {error !== null && <ErrorPane error={error} of={stateMessages.history(path ?? '')} />}
      {path !== null && data?.entries.length === 0 && <p className="px-3 text-text-2">{stateMessages.noHistory}</p>}
      {path !== null && data !== undefined && data.entries.length > 0 && (
        <Table label={stateMessages.history(path)} className="table-fixed" head={<><HeadCell align="end" className="w-20">{columns.revision}</HeadCell><HeadCell className="w-32">{columns.when}</HeadCell><HeadCell>{columns.type}</HeadCell><HeadCell>{columns.after}</HeadCell></>}>
          {data.entries.map(({ revision, at, type, eventId, changes }) => (
            <Row key={eventId}>
              <Cell align="end">
                <Link to={placeHref({ streamType, streamId }, revision)} className="link">@{revision}</Link>
              </Cell>
              <Cell><Instant at={at} /></Cell>
              <Cell className="foreign truncate">{oneLine(type)}</Cell>
              <Cell className="foreign truncate font-mono text-mono">{textOfValue((Object.entries(changes).find(([pointer]) => pointer === path) ?? Object.entries(changes)[0])?.[1].after)}</Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  );
}

const textOfValue = (value: unknown): string => oneLine(value === undefined ? '–' : JSON.stringify(value).slice(0, 2_000), 200);
