/** Refusals after which a connection is not worth keeping, and the code that it is closed with (bad-input I2 to I11). */
import type { LogError } from '@refold/core';

export const closeCodes = {
  goingAway: 1001,
  tooLarge: 1009,
  malformed: 4400,
  unauthenticated: 4401,
  /** Nobody said in time who he is. */
  initTimeout: 4408,
  /** The client does not read; it comes back and goes on from the cursor it was told. */
  slow: 4008,
  duplicate: 4409,
  limited: 4429,
} as const;

export type ClosingReason = keyof typeof closeCodes;

export class ClosingFault extends Error {
  readonly reason: ClosingReason;
  readonly fault: LogError;

  constructor(reason: ClosingReason, fault: LogError) {
    super(fault.message, { cause: fault });
    this.name = 'ClosingFault';
    this.reason = reason;
    this.fault = fault;
  }
}

export const closing = (reason: ClosingReason, fault: LogError): ClosingFault => new ClosingFault(reason, fault);
