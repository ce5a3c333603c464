export { StreamPage } from './page.tsx';
export type { StreamTabProps } from './tab-props.ts';
