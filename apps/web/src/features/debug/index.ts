export { DebugPage, DebugTab } from './page.tsx';
export { EventGrid } from './event-grid.tsx';
export { FilterBar } from './filter-bar.tsx';
export { createRowSource } from './row-source.ts';
export type { EventRow, RowSource } from './row-source.ts';
export { filterOf, readSearch } from './debug-search.ts';
export type { Filter } from './debug-search.ts';
