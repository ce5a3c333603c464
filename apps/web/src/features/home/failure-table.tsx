/** Failures as groups; Enter on one leads to the first bad event of its newest run. The rest of a row's actions stand at its end. */
import { Link } from '@tanstack/react-router';
import { EyeOff } from 'lucide-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { firstBad, placeHref, streamHref } from '../../places.ts';
import { prefer, usePreferences } from '../../preferences.ts';
import { amount } from '../../times.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Instant } from '../../ui/instant.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine, visibleText } from '../../ui/visible-text.ts';
import type { Run } from '../runs/index.ts';
import { failureGroups } from './failure-groups.ts';
import type { FailureGroup } from './failure-groups.ts';
import { homeMessages } from './messages.ts';
import { Section } from './section.tsx';

export function FailureGroups({ runs }: { readonly runs: readonly Run[] }): ReactElement {
  const { muted } = usePreferences();
  const [showsMuted, setShowsMuted] = useState(false);
  const groups = failureGroups(runs);
  const shown = groups.filter(({ fingerprint }) => showsMuted || !muted.includes(fingerprint));
  const hidden = groups.length - shown.length;
  const { columns } = homeMessages;
  return (
    <Section
      title={homeMessages.groups}
      facts={
        hidden > 0 ? (
          <Button kind="quiet" onClick={() => setShowsMuted(true)}>
            {homeMessages.unmute(amount(hidden))}
          </Button>
        ) : undefined
      }
    >
      {groups.length === 0 ? (
        <EmptyState title={homeMessages.noFailures}>{homeMessages.noFailuresText}</EmptyState>
      ) : (
        <Table
          label={homeMessages.groupsTable}
          className="table-fixed"
          head={
            <>
              <HeadCell className="ps-4">{columns.failure}</HeadCell>
              <HeadCell className="hidden w-32 column:table-cell">{columns.kind}</HeadCell>
              <HeadCell align="end" className="hidden w-14 narrow:table-cell">{columns.runs}</HeadCell>
              <HeadCell className="hidden w-36 column:table-cell">{columns.first}</HeadCell>
              <HeadCell className="w-24 narrow:w-28">{columns.last}</HeadCell>
              <HeadCell className="w-12"><span className="sr-only">{columns.actions}</span></HeadCell>
            </>
          }
        >
          {shown.map((group) => (
            <GroupRow key={group.fingerprint} group={group} onMute={() => prefer({ muted: [...new Set([...muted, group.fingerprint])] })} />
          ))}
        </Table>
      )}
    </Section>
  );
}

function GroupRow({ group, onMute }: { readonly group: FailureGroup<Run>; readonly onMute: () => void }): ReactElement {
  const [newest] = group.runs;
  return (
    <Row className="relative h-auto">
      <Cell className="py-1.5 ps-4 align-top">
        <div className="flex min-w-0 items-start gap-2">
          <StatusGlyph tone="error" className="mt-1.5" />
          <div className="min-w-0">
            <Link to={placeHref(newest, firstBad)} className="foreign line-clamp-2 leading-6 font-medium whitespace-normal after:absolute after:inset-0 hover:underline" title={visibleText(group.says)}>
              {oneLine(group.says, 200)}
            </Link>
            <span className="foreign block truncate leading-6 text-text-2">
              {/* Above the link that covers the row. */}
              <Link to={streamHref(newest)} className="relative z-[1] inline-block min-h-6 hover:underline">
                {visibleText(newest.title ?? newest.streamId)}
              </Link>
              {group.type !== null && <> · <code>{group.type}</code></>}
            </span>
          </div>
        </div>
      </Cell>
      <Cell className="hidden text-text-2 column:table-cell">{group.kind}</Cell>
      <Cell align="end" className="hidden narrow:table-cell">{amount(group.runs.length)}</Cell>
      <Cell className="hidden column:table-cell">
        <Instant at={group.firstSeen} />
      </Cell>
      <Cell>
        <Instant at={group.lastSeen} as="ago" />
      </Cell>
      <Cell>
        <IconButton label={`${homeMessages.mute}: ${homeMessages.muteNote}`} icon={<EyeOff size={14} aria-hidden />} onClick={onMute} className="relative z-[1]" />
      </Cell>
    </Row>
  );
}
