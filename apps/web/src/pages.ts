/**
 * The pages of the app: where each is, what the rail calls it, and what is loaded when it is opened. A page is a folder in
 * features/ and one line here. Only pages that work are listed.
 */
import type { LucideIcon } from 'lucide-react';
import { Activity, Bot, Braces, Database, Kanban, LayoutDashboard, ListTree, RotateCcw, Settings, Workflow } from 'lucide-react';
import type { ComponentType } from 'react';

export interface Page {
  /** As the router writes it: `/runs`, `/streams/$streamType/$streamId/$tab`. */
  readonly path: string;
  readonly title: string;
  readonly load: () => Promise<ComponentType>;
  /** What stands in the rail; a page without is reached by links. */
  readonly rail?: { readonly icon: LucideIcon; readonly keys: string };
}

export const pages: readonly Page[] = [
  { path: '/', title: 'Dashboard', load: async () => (await import('./features/home/index.ts')).HomePage, rail: { icon: LayoutDashboard, keys: 'g d' } },
  { path: '/runs', title: 'Runs', load: async () => (await import('./features/runs/index.ts')).RunsPage, rail: { icon: ListTree, keys: 'g r' } },
  { path: '/streams/$streamType/$streamId/debug', title: 'Debugger', load: async () => (await import('./features/stream/debug-page.tsx')).StreamDebugPage },
  { path: '/streams/$streamType/$streamId/$tab', title: 'Stream', load: async () => (await import('./features/stream/index.ts')).StreamPage },
  { path: '/events', title: 'Events', load: async () => (await import('./features/events/index.ts')).EventsPage, rail: { icon: Activity, keys: 'g e' } },
  { path: '/jobs', title: 'Jobs', load: async () => (await import('./features/jobs/index.ts')).JobsPage, rail: { icon: Workflow, keys: 'g j' } },
  { path: '/board', title: 'Board', load: async () => (await import('./features/board/index.ts')).BoardPage, rail: { icon: Kanban, keys: 'g b' } },
  { path: '/agents', title: 'Agents', load: async () => (await import('./features/agents/index.ts')).AgentsPage, rail: { icon: Bot, keys: 'g n' } },
  { path: '/replays', title: 'Replays', load: async () => (await import('./features/replays/index.ts')).ReplaysPage, rail: { icon: RotateCcw, keys: 'g p' } },
  { path: '/replays/$id', title: 'Replay', load: async () => (await import('./features/replays/index.ts')).ReplaysPage },
  { path: '/compare', title: 'Compare', load: async () => (await import('./features/compare/index.ts')).ComparePage },
  { path: '/schemas', title: 'Event types', load: async () => (await import('./features/schemas/index.ts')).SchemasPage, rail: { icon: Braces, keys: 'g t' } },
  { path: '/schemas/$type', title: 'Event type', load: async () => (await import('./features/schemas/index.ts')).SchemasPage },
  { path: '/storage', title: 'Storage', load: async () => (await import('./features/storage/index.ts')).StoragePage, rail: { icon: Database, keys: 'g s' } },
  { path: '/settings', title: 'Settings', load: async () => (await import('./features/settings/index.ts')).SettingsPage, rail: { icon: Settings, keys: 'g ,' } },
];
