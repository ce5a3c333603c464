/** The debugger as one of the views of a stream, on a page of its own: it needs the whole height, and does not wait for the newest state. */
import type { ReactElement } from 'react';
import { DebugPage } from '../debug/index.ts';
import { CoverageChip, IntegrityChip } from './stream-header.tsx';
import { tabViews } from './tabs.ts';

export const StreamDebugPage = (): ReactElement => (
  <DebugPage
    views={tabViews}
    standing={(address, events) => (
      <>
        <CoverageChip {...address} isAsked={events <= coverageEventsMax} />
        <IntegrityChip address={`${address.streamType}/${address.streamId}`} />
      </>
    )}
  />
);

/** The coverage of a longer run reads all of it while somebody steps and scrubs; there it is asked for with a click. */
const coverageEventsMax = 50_000;
