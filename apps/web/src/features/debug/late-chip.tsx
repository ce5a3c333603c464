/** Events further on that claim a time before the cursor's: they count from where they stand, and a reader should know of them. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { useAsk } from '../../refold.ts';
import { amount } from '../../times.ts';
import { chipClass } from '../../ui/chip.tsx';
import { useStoreValue } from '../../ui/external-store.ts';
import { Menu } from '../../ui/menu.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import type { DebugModel } from './debug-model.ts';
import { rowOf } from './row-source.ts';

/** Asked once the cursor rests. */
const asksAfterMs = 400;
/** How far it is looked; what tells later than that is found by the coverage of the run. */
const eventsAhead = 2_000;
const shownMax = 50;

export function LateChip({ model }: { readonly model: DebugModel }): ReactElement | null {
  const event = useStoreValue(model.place, (value) => value.answer?.event ?? null);
  return event === null ? null : <Late key={event.id} model={model} revision={event.revision} occurredAt={event.occurredAt} />;
}

function Late({ model, revision, occurredAt }: { readonly model: DebugModel; readonly revision: number; readonly occurredAt: string }): ReactElement | null {
  const [rests, setRests] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRests(true), asksAfterMs);
    return () => clearTimeout(timer);
  }, []);
  const { data } = useAsk('streamRows', { ...model.address, fromRevision: revision + 1, toRevision: revision + eventsAhead, to: occurredAt, limit: shownMax }, { enabled: rests });
  if (data === undefined || data.rows.length === 0) return null;
  const count = `${amount(data.rows.length)}${data.next === null ? '' : '+'}`;
  return (
    <Menu
      trigger={
        <button type="button" className={`${chipClass} hover:bg-surface-3`} title={`Among the next ${amount(eventsAhead)} events, ${count} claim to have happened before this one. They count from where they stand.`}>
          <StatusGlyph tone="warn" />
          {count} late
        </button>
      }
      groups={[data.rows.map(rowOf).map((row) => ({ label: visibleText(`@${amount(row.revision)}  ${row.summary}`), onChoose: () => model.cursor.jumpTo(row.revision) }))]}
    />
  );
}
