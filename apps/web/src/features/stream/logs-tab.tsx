/** What a job has written, at full width. */
import type { ReactElement } from 'react';
import { JobLogs } from '../jobs/index.ts';
import type { StreamTabProps } from './tab-props.ts';

export const LogsTab = ({ streamId }: StreamTabProps): ReactElement => <JobLogs id={streamId} />;
