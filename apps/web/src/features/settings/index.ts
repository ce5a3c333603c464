export { SettingsPage } from './page.tsx';
