export { EventsPage } from './events-page.tsx';
export { EventCard } from './event-card.tsx';
