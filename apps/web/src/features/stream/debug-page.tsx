/** The debugger as one of the views of a stream, on a page of its own: it needs the whole height, and does not wait for the newest state. */
import type { ReactElement } from 'react';
import { DebugPage } from '../debug/index.ts';
import { CoverageChip, IntegrityChip } from './stream-header.tsx';
import { tabViews } from './tabs.ts';

export const StreamDebugPage = (): ReactElement => (
  <DebugPage
    views={tabViews}
    standing={(address) => (
      <>
        <CoverageChip {...address} />
        <IntegrityChip address={`${address.streamType}/${address.streamId}`} />
      </>
    )}
  />
);
