export { ReplaysPage } from './replays-page.tsx';
