/** Who made a request, as the doors need it: for whom an operation runs, and what it counts against. */
import { nobody } from '@refold/operations';
import type { OperationContext } from '@refold/operations';

export interface Caller {
  /** What goes into the context of an operation. */
  readonly identity: Pick<OperationContext, 'principal' | 'access' | 'trace'>;
  /** Name of the credential, for rates; null when there was none. */
  readonly credential: string | null;
  /** A browser sends a cookie by itself, also for a page that is not ours. */
  readonly byCookie: boolean;
  /** Asked now and then by what stays open: still not expired, not revoked? */
  isStillValid(): Promise<boolean>;
}

/** Where nobody has to sign in. */
export const anyone: Caller = { identity: {}, credential: null, byCookie: false, isStillValid: async () => true };

/** Has to sign in, and has not. */
export const isStranger = ({ identity }: Caller): boolean => identity.access !== undefined && identity.principal === undefined;

/** Where one has to, and has not. */
export const stranger: Caller = { identity: { access: nobody }, credential: null, byCookie: false, isStillValid: async () => true };
