import { useState } from 'react';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { useAsk, useTell } from '../../refold.ts';
import { amount, counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/section.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { WriteButton } from '../../write-button.tsx';

/** Folded states that are kept to be quick. They may always be thrown away; a bad one is never used. */
export function Snapshots(): ReactElement {
  const [isWanted, setIsWanted] = useState(false);
  const checked = useAsk('verifySnapshots', {}, { enabled: isWanted, isFinal: true });
  const collect = useTell('collectSnapshots', { changes: ['verifySnapshots'] });
  return (
    <Section
      title="Snapshots"
      actions={
        <>
          <Button disabled={checked.isFetching} onClick={() => (isWanted ? void checked.refetch() : setIsWanted(true))}>
            Check
          </Button>
          <WriteButton scope="config" disabled={collect.isPending} onClick={() => collect.mutate({})}>
            Remove old ones
          </WriteButton>
        </>
      }
    >
      {!isWanted && collect.data === undefined && <p className="text-text-2">States that are kept so that a place far down a long stream is reached at once. They can always be folded again.</p>}
      {isWanted && (
        <Answered of="The snapshots" asked={checked} rows={2}>
          {({ ok, checked: count, streams, faults, faultsTotal }) => (
            <>
              <StatusGlyph tone={ok ? 'ok' : 'error'} word={ok ? `${counted(count, 'snapshot')} of ${counted(streams, 'stream')} hold` : `${amount(faultsTotal)} of ${counted(count, 'snapshot')} do not hold, and are not used`} showsWord />
              <ul>
                {faults.slice(0, 50).map(({ stream, revision, fault }) => (
                  <li key={`${stream}@${revision}`} className="foreign border-b border-line py-1">
                    {oneLine(stream, 80)}@{revision}: {oneLine(fault, 200)}
                  </li>
                ))}
              </ul>
            </>
          )}
        </Answered>
      )}
      {collect.data !== undefined && (
        <p role="status">
          Removed {counted(collect.data.removed, 'snapshot')} of {counted(collect.data.streams, 'stream')}.
        </p>
      )}
      {collect.error !== null && (
        <p role="alert" className="foreign text-error">
          {collect.error.message} <code>{collect.error.code}</code>
        </p>
      )}
    </Section>
  );
}
