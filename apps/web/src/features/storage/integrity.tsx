import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { placeHref } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { amount, counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Facts, Section } from '../../ui/section.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { oneLine } from '../../ui/visible-text.ts';

/** Recomputes every hash of the log. A broken result names the first bad position; a good one what it did not look at. */
export function Integrity(): ReactElement {
  const [isWanted, setIsWanted] = useState(false);
  const verified = useAsk('verifyLog', { state: true }, { enabled: isWanted, isFinal: true });
  const verify = (): void => {
    if (isWanted) void verified.refetch();
    else setIsWanted(true);
  };
  return (
    <Section
      title="Integrity"
      actions={
        <Button kind={isWanted ? 'plain' : 'strong'} disabled={verified.isFetching} onClick={verify}>
          {verified.isFetching ? 'Verifying…' : isWanted ? 'Verify again' : 'Verify now'}
        </Button>
      }
    >
      {!isWanted && <p className="text-text-2">Recomputes the bytes, hashes, chains, positions and times of every event, and folds every state with and without snapshots.</p>}
      {isWanted && (
        <Answered of="The verification" asked={verified} rows={4}>
          {({ ok, checked, streams, findings, findingsTotal, firstBadPosition, tree, notChecked, statesCompared }) => (
            <div className="flex flex-col gap-2" role="status">
              <StatusGlyph tone={ok ? 'ok' : 'tampered'} word={ok ? `Intact: ${counted(checked, 'event')} of ${counted(streams, 'stream')}` : `Broken at position ${amount(firstBadPosition)}`} showsWord className="font-semibold" />
              {!ok && <p className="text-text-2">What stands before position {amount(firstBadPosition)} still verifies. {counted(findingsTotal, 'finding')}:</p>}
              {findings.length > 0 && (
                <ul>
                  {findings.slice(0, 50).map((finding, index) => (
                    <li key={`${index} ${finding.code}`} className="foreign border-b border-line py-1">
                      <code>{finding.code}</code> {oneLine(finding.detail, 300)} {finding.stream !== null && finding.revision !== null && <StreamLink stream={finding.stream} revision={finding.revision} />}
                    </li>
                  ))}
                </ul>
              )}
              <Facts
                facts={[
                  ['States compared', amount(statesCompared)],
                  [
                    'Root',
                    tree === null ? (
                      'none: the log is empty'
                    ) : (
                      <span key="root" className="flex min-w-0 items-center gap-1">
                        <code className="truncate">{tree.root}</code>
                        <CopyButton text={`${tree.size} ${tree.root}`} label="Copy size and root" />
                      </span>
                    ),
                  ],
                  ['Not checked', notChecked.length === 0 ? 'nothing was left out' : notChecked.map(({ kind, count }) => `${kind.replaceAll('_', ' ')}: ${amount(count)}`).join(', ')],
                ]}
              />
              {tree !== null && <p className="max-w-[70ch] text-text-2">Keep size and root somewhere else: with them anybody can prove later that nothing was rewritten.</p>}
            </div>
          )}
        </Answered>
      )}
    </Section>
  );
}

function StreamLink({ stream, revision }: { readonly stream: string; readonly revision: number }): ReactElement {
  const slash = stream.indexOf('/');
  return (
    <Link to={placeHref({ streamType: stream.slice(0, slash), streamId: stream.slice(slash + 1) }, revision, 'events')} className="link">
      {oneLine(stream, 80)}@{revision}
    </Link>
  );
}
