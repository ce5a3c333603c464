/** What a replay did or would do: by action and reason first, then event by event. */
import type { OutputOf } from '@refold/client';
import type { ReactElement } from 'react';
import { amount, counted } from '../../times.ts';
import { Section } from '../../ui/section.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import type { Tone } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine } from '../../ui/visible-text.ts';

type Report = OutputOf<'replayEvents'>;

const actionTones: { readonly [action: string]: Tone } = { applied: 'ok', executed: 'ok', compared: 'ok', failed: 'error', skipped: 'cancelled', would_apply: 'quiet', would_execute: 'warn', would_skip: 'cancelled', would_compare: 'quiet' };
const words = (text: string): string => text.replaceAll('_', ' ');

export function PlanTable({ report }: { readonly report: Report }): ReactElement {
  const { summary, steps, stepsTotal, preconditions } = report;
  return (
    <div className="flex flex-col gap-5">
      {preconditions.length > 0 && (
        <Section title="Preconditions">
          <ul className="flex flex-col gap-0.5">
            {preconditions.map(({ name, ok, detail }) => (
              <li key={name} className="foreign flex items-baseline gap-2">
                <StatusGlyph tone={ok ? 'ok' : 'error'} word={ok ? 'holds' : 'does not hold'} className="self-center" />
                {oneLine(words(name), 120)}
                {detail !== null && <span className="text-text-2">{oneLine(detail, 200)}</span>}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={report.mode === 'dry_run' ? 'What would happen' : 'What happened'}>
        <Table
          label="By action and type"
          head={
            <>
              <HeadCell>Action</HeadCell>
              <HeadCell className="w-full">Type</HeadCell>
              <HeadCell className="hidden narrow:table-cell">Why</HeadCell>
              <HeadCell align="end">Events</HeadCell>
            </>
          }
        >
          {summary.map(({ action, reason, type, count }) => (
            <Row key={`${action} ${type} ${reason}`}>
              <Cell>
                <StatusGlyph tone={actionTones[action] ?? 'unknown'} word={words(action)} showsWord />
              </Cell>
              <Cell className="foreign max-w-0 truncate font-mono text-mono">{oneLine(type, 80)}</Cell>
              <Cell className="foreign hidden text-text-2 narrow:table-cell">{reason === null ? '' : oneLine(words(reason), 80)}</Cell>
              <Cell align="end">{amount(count)}</Cell>
            </Row>
          ))}
        </Table>
      </Section>
      <Section title={stepsTotal > steps.length ? `The first ${amount(steps.length)} of ${counted(stepsTotal, 'event')}` : counted(stepsTotal, 'event')}>
        <Table
          label="Event by event"
          head={
            <>
              <HeadCell align="end">Revision</HeadCell>
              <HeadCell className="w-full">Event</HeadCell>
              <HeadCell>Action</HeadCell>
              <HeadCell className="hidden narrow:table-cell">Why</HeadCell>
            </>
          }
        >
          {steps.map(({ event, action, reason }) => (
            <Row key={event.id}>
              <Cell align="end">{event.revision}</Cell>
              <Cell className="foreign max-w-0 truncate font-mono text-mono">{oneLine(event.type, 80)}</Cell>
              <Cell>
                <StatusGlyph tone={actionTones[action] ?? 'unknown'} word={words(action)} showsWord />
              </Cell>
              <Cell className="foreign hidden text-text-2 narrow:table-cell">{reason === null ? '' : oneLine(words(reason), 80)}</Cell>
            </Row>
          ))}
        </Table>
      </Section>
    </div>
  );
}
