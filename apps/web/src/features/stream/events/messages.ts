export const eventsTabMessages = { scope: 'Events of the stream', close: 'Close the card', card: 'The event' } as const;
