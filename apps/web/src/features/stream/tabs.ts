/** The views of a stream: one line each, in the order of the tabs, loaded when opened. One that is only for some kinds says for which. */
import type { ComponentType } from 'react';
import type { StreamTab } from '../../places.ts';
import type { StreamTabProps } from './tab-props.ts';

export interface StreamTabView {
  readonly tab: StreamTab;
  readonly title: string;
  readonly load: () => Promise<{ readonly default: ComponentType<StreamTabProps> }>;
  readonly isFor?: (streamType: string) => boolean;
}

export const tabViews: readonly StreamTabView[] = [
  { tab: 'story', title: 'Story', load: async () => ({ default: (await import('./story/story-tab.tsx')).StoryTab }) },
  { tab: 'events', title: 'Events', load: async () => ({ default: (await import('./events/events-tab.tsx')).EventsTab }) },
  { tab: 'timeline', title: 'Timeline', load: async () => ({ default: (await import('./timeline/timeline-tab.tsx')).TimelineTab }) },
  { tab: 'state', title: 'State', load: async () => ({ default: (await import('./state/state-tab.tsx')).StateTab }) },
  // A page of its own (pages.ts): it needs the whole height, and does not wait for the newest state.
  { tab: 'debug', title: 'Debug', load: async () => ({ default: (await import('../debug/index.ts')).DebugTab }) },
  { tab: 'logs', title: 'Log', isFor: (streamType) => streamType === 'job', load: async () => ({ default: (await import('./logs-tab.tsx')).LogsTab }) },
  { tab: 'members', title: 'Tasks', isFor: (streamType) => streamType === 'sprint', load: async () => ({ default: (await import('./members-tab.tsx')).MembersTab }) },
  { tab: 'audit', title: 'Audit', load: async () => ({ default: (await import('./audit/audit-tab.tsx')).AuditTab }) },
];
