/** What is refused, and with what: anything else that comes of a call fails the test. */
import { isLogError } from '../src/errors.ts';
import type { LogError } from '../src/errors.ts';

export function refusalOf(call: () => unknown): LogError {
  try {
    call();
  } catch (error) {
    if (isLogError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

export async function laterRefusalOf(call: Promise<unknown>): Promise<LogError> {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isLogError(error)) throw new Error(`expected a refusal, got ${String(error)}`, { cause: error });
  return error;
}
