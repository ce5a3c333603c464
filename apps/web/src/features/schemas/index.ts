export { SchemasPage } from './schemas-page.tsx';
