/** What a fold keeps for itself: the heading says it, or only programs ask for it. Text leaves it out; -v and JSON have it. */
export const bookkeepingKeys: ReadonlySet<string> = new Set(['streamType', 'streamId', 'exists', 'revision', 'eventCount', 'lastEventId', 'lastEventAt', 'updatedAt', 'createdAt', 'correlationChain', 'totals', 'agentRunsByName', 'agentRunAliases', 'lastActivity', 'lastActivityAt']);

/** Does a JSON pointer lead into it? Also the revision that a part was last changed at. */
export const isBookkeeping = (pointer: string): boolean => bookkeepingKeys.has(pointer.split('/')[1] ?? '') || /^\/[^/]+\/[^/]+\/revision$/.test(pointer);
