/** Where the log lies, how durable it is, and whether it is what was written. Every check runs when somebody asks for it, and says what it did not check. */
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { useAsk } from '../../refold.ts';
import { amount } from '../../times.ts';
import { Instant } from '../../ui/instant.tsx';
import { PaneBoundary } from '../../ui/error-pane.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { Facts, Section } from '../../ui/section.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { Integrity } from './integrity.tsx';
import { Snapshots } from './snapshots.tsx';

export function StoragePage(): ReactElement {
  const info = useAsk('systemInfo', {}, { everyMs: 10_000 });
  const stats = useAsk('stats', { bucket: 'day' });
  const doctor = useAsk('doctor', {});
  return (
    <PageFrame title="Storage and integrity">
      <div className="grid items-start gap-x-8 gap-y-6 p-4 wide:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-6">
          <PaneBoundary of="Integrity">
            <Integrity />
          </PaneBoundary>
          <PaneBoundary of="Snapshots">
            <Snapshots />
          </PaneBoundary>
          <Section title="Health">
            <Answered of="The checks" asked={doctor} rows={5}>
              {({ findings }) => (
                <ul>
                  {findings.map(({ level, check, detail, hint }) => (
                    <li key={`${check} ${detail}`} className="flex items-baseline gap-2 border-b border-line py-1">
                      <StatusGlyph tone={level === 'ok' ? 'ok' : level === 'warn' ? 'warn' : 'error'} word={level} className="self-center" />
                      <span className="foreign min-w-0">
                        {oneLine(detail, 400)}
                        {hint !== null && <span className="block text-text-2">{oneLine(hint, 400)}</span>}
                      </span>
                      <span className="ms-auto shrink-0 text-text-2">{oneLine(check, 40)}</span>
                    </li>
                  ))}
                </ul>
              )}
            </Answered>
          </Section>
        </div>
        <div className="flex min-w-0 flex-col gap-6">
          <Section title="The log">
            <Answered of="The log" asked={info} rows={6}>
              {({ store, engine, events, epoch, recordedAt, startedAt, version, validation }) => (
                <Facts
                  facts={[
                    ['Events', amount(events)],
                    ['Newest', <Instant key="newest" at={recordedAt} as="whole" />],
                    ['Store', oneLine(store, 200)],
                    ...Object.entries(engine).map(([name, value]) => [words[name] ?? oneLine(name, 40), typeof value === 'number' ? amount(value) : oneLine(String(value), 200)] as const),
                    ['Rules', validation === 'strict' ? 'what breaks one is refused' : 'what breaks one is kept and marked'],
                    ['Epoch', <code key="epoch">{oneLine(epoch, 80)}</code>],
                    ['Running since', <Instant key="since" at={startedAt} as="whole" />],
                    ['Refold', oneLine(version, 40)],
                  ]}
                />
              )}
            </Answered>
          </Section>
          <Section title="Events by kind of stream">
            <Answered of="The counts" asked={stats} rows={6}>
              {({ byStreamType, total }) => (
                <Table
                  label="Events by kind of stream"
                  head={
                    <>
                      <HeadCell>Kind</HeadCell>
                      <HeadCell className="w-full"><span className="sr-only">Share</span></HeadCell>
                      <HeadCell align="end">Events</HeadCell>
                    </>
                  }
                >
                  {Object.entries(byStreamType)
                    .toSorted(([, a], [, b]) => b - a)
                    .map(([kind, count]) => (
                      <Row key={kind}>
                        <Cell className="foreign">{oneLine(kind, 60)}</Cell>
                        <Cell>
                          <span aria-hidden className="block h-2 rounded bg-flow" style={{ width: `${(count / Math.max(1, total)) * 100}%` }} />
                        </Cell>
                        <Cell align="end">{amount(count)}</Cell>
                      </Row>
                    ))}
                </Table>
              )}
            </Answered>
          </Section>
        </div>
      </div>
    </PageFrame>
  );
}

const words: { readonly [name: string]: string } = { driver: 'Engine', durability: 'Durability', version: 'Engine version', writers: 'Writers' };
