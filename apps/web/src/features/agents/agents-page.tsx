/** What each agent did, over the whole log or since an instant: how often, how long, how well, at what price. */
import { Link } from '@tanstack/react-router';
import type { OutputOf } from '@refold/client';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { useAsk } from '../../refold.ts';
import { allOf, oneOf } from '../../search-parameters.ts';
import { toneOf, wordOf } from '../../status.ts';
import { amount, brief, counted, duration } from '../../times.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { useSearch } from '../../use-search.ts';

type Metric = OutputOf<'agentMetrics'>['items'][string];

const measures = {
  agentName: { title: 'Agent', of: (metric) => metric.agentName },
  runs: { title: 'Runs', of: (metric) => metric.runs },
  failures: { title: 'Failed', of: (metric) => metric.failures },
  blocked: { title: 'Blocked', of: (metric) => metric.blocked },
  durationSeconds: { title: 'Took', of: (metric) => metric.durationSeconds ?? -1 },
  qualityScore: { title: 'Quality', of: (metric) => metric.qualityScore ?? -1 },
  tokens: { title: 'Tokens', of: (metric) => metric.tokensInput + metric.tokensOutput },
} as const satisfies { readonly [key: string]: { readonly title: string; readonly of: (metric: Metric) => string | number } };
type Measure = keyof typeof measures;

export function AgentsPage(): ReactElement {
  const [search, change] = useSearch();
  const [from, to] = [oneOf(search, 'from'), oneOf(search, 'to')];
  const metrics = useAsk('agentMetrics', { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) }, { everyMs: 10_000, keepsLast: true });
  const order = allOf(search, 'sort')[0] ?? '-runs';
  const key = (Object.keys(measures) as Measure[]).find((name) => name === order.replace(/^-/, '')) ?? 'runs';
  const isDescending = order.startsWith('-');
  return (
    <PageFrame title="Agents" facts={metrics.data !== undefined && <span className="text-text-2">{counted(Object.keys(metrics.data.items).length, 'agent')}</span>}>
      <Answered of="The agents" asked={metrics}>
        {({ items }) => {
          const rows = sorted(Object.values(items), key, isDescending);
          if (rows.length === 0) return <EmptyState title="No agent has reported anything">Agents appear here with their first run: an event that names one, as agent_run.spawned does.</EmptyState>;
          const most = Math.max(1, ...rows.map((row) => row.tokensInput + row.tokensOutput));
          return (
            <Table
              label="Agents"
              head={(Object.keys(measures) as Measure[]).map((name) => (
                <HeadCell key={name} align={name === 'agentName' ? 'start' : 'end'} aria-sort={name === key ? (isDescending ? 'descending' : 'ascending') : 'none'} className={hides[name] ?? (name === 'agentName' ? 'ps-4' : '')}>
                  <button type="button" className="min-h-6 hover:text-text" onClick={() => change({ sort: name === key && isDescending ? name : `-${name}` }, { replaces: true })}>
                    {measures[name].title}
                    {name === key && <span aria-hidden>{isDescending ? ' ↓' : ' ↑'}</span>}
                  </button>
                </HeadCell>
              ))}
            >
              {rows.map((row) => (
                <Row key={row.agentName}>
                  <Cell className="w-full max-w-0 ps-4">
                    <span className="flex items-center gap-2">
                      <StatusGlyph tone={toneOf(row.status)} word={wordOf(row.status)} />
                      <Link to="/events" search={{ agent: row.agentName }} className="foreign truncate font-medium hover:underline">
                        {oneLine(row.agentName, 80)}
                      </Link>
                    </span>
                  </Cell>
                  <Cell align="end">{amount(row.runs)}</Cell>
                  <Cell align="end" className={row.failures > 0 ? 'text-error' : 'text-text-2'}>{amount(row.failures)}</Cell>
                  <Cell align="end" className={hides.blocked}>{amount(row.blocked)}</Cell>
                  <Cell align="end">{row.durationSeconds === null ? '–' : duration(row.durationSeconds * 1_000)}</Cell>
                  <Cell align="end" className={hides.qualityScore}>{row.qualityScore === null ? '–' : Math.round(row.qualityScore * 100) / 100}</Cell>
                  <Cell align="end" className={hides.tokens}>
                    <span className="inline-flex items-center gap-2 pe-2" title={`${amount(row.tokensInput)} in, ${amount(row.tokensOutput)} out`}>
                      <span aria-hidden className="hidden h-2 w-24 justify-end wide:flex">
                        <span className="block h-full rounded bg-model" style={{ width: `${((row.tokensInput + row.tokensOutput) / most) * 100}%` }} />
                      </span>
                      {brief(row.tokensInput + row.tokensOutput)}
                    </span>
                  </Cell>
                </Row>
              ))}
            </Table>
          );
        }}
      </Answered>
    </PageFrame>
  );
}

/** What a narrow page leaves out. */
const hides: { readonly [name in Measure]?: string } = { blocked: 'hidden narrow:table-cell', qualityScore: 'hidden narrow:table-cell', tokens: 'hidden narrow:table-cell' };

function sorted(rows: readonly Metric[], key: Measure, isDescending: boolean): readonly Metric[] {
  const of: (metric: Metric) => string | number = measures[key].of;
  return rows.toSorted((a, b) => {
    const [left, right] = [of(a), of(b)];
    const order = typeof left === 'string' ? left.localeCompare(String(right)) : left - Number(right);
    return (isDescending ? -order : order) || a.agentName.localeCompare(b.agentName);
  });
}
