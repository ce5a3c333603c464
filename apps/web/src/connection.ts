/**
 * How the app stands with its server: heard from, looked for, or no longer signed in. What is on the page stays in any case; nothing can
 * be changed until the server is heard from again.
 */
import { isLogError } from '@refold/core';
import { useOrchestratorHealth } from '@refold/react';
import { createExternalStore, useStoreValue } from './ui/external-store.ts';

export type Connection = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'signedOut';

const signIn = createExternalStore({ hasEnded: false });

/** Whoever is refused for want of a sign-in is refused everywhere: the whole page says so, once. */
export function noteRefusal(error: unknown): void {
  if (isLogError(error, 'UNAUTHENTICATED')) signIn.set({ hasEnded: true });
}

export function useConnection(): Connection {
  const { connection, connected, health, error } = useOrchestratorHealth();
  const hasEnded = useStoreValue(signIn, (value) => value.hasEnded);
  if (hasEnded || error?.code === 'UNAUTHENTICATED') return 'signedOut';
  if (connected) return 'live';
  return connection === 'ended' || (connection === 'connecting' && health === null) ? connection : 'reconnecting';
}

/** A health that may not be asked for says nothing about the rest. */
export const useIsHeard = (): boolean => {
  const connection = useConnection();
  return connection !== 'reconnecting' && connection !== 'signedOut';
};
