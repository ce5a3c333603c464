/** What a caller wants to append, before anything is read: its events with ids and addresses, and what counts as the same. */
import { LogError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Registry } from '../schema/registry.ts';
import { refuseReservedFields, refuseUnknownFields } from '../schema/validate.ts';
import type { AppendRequest } from './append.ts';
import { encodeUtf8, uuidFromDigest } from './bytes.ts';
import { addressEvent } from './complete.ts';
import type { AddressedEvent } from './complete.ts';
import { readExpectations } from './expectations.ts';
import type { Expectations } from './expectations.ts';

export interface Intent {
  readonly request: AppendRequest;
  readonly events: readonly AddressedEvent[];
  /** Streams that are written, each once. */
  readonly addresses: readonly string[];
  readonly expectations: Expectations;
  readonly commitId: string;
  /** The caller can send the very same commit again, because he knows its ids. */
  readonly isResendable: boolean;
}

/**
 * @param options.validation  strict refuses fields that no event has; flag leaves it to the writer to mark them.
 * @throws LogError BAD_REQUEST `empty_batch`, `expectedRevision`, `reserved_field`, `unknown_field`, `shape`; TOO_LARGE `batch`;
 *         BAD_STREAM_ADDRESS; FORBIDDEN `stream_prefix`; UNKNOWN_TYPE when the stream would follow from the type.
 */
export function readIntent(request: AppendRequest, registry: Registry, { hasher, ids }: Pick<Ports, 'hasher' | 'ids'>, limits: Pick<Limits, 'commitEventsMax'>, options: { readonly validation: 'strict' | 'flag' }): Intent {
  const { events: inputs } = request;
  refuseCount(inputs.length, limits.commitEventsMax);
  const given = inputs.map(({ id }) => id?.toLowerCase());
  const derivedId = (text: string): string => uuidFromDigest(hasher.sha256(encodeUtf8(text)));
  const areAllGiven = given.every((id) => id !== undefined);
  const commitId = request.commitId ?? (areAllGiven ? derivedId(`refold/commit-id/v1\n${given.join('\n')}`) : ids.uuid());
  const idAt = (index: number): string => given[index] ?? (request.commitId === undefined ? ids.uuid() : derivedId(`refold/event-id/v1\n${commitId}\n${index}`));

  const events = inputs.map((input, index) =>
    atIndex(index, inputs.length, () => {
      refuseReservedFields(input);
      if (options.validation === 'strict') refuseUnknownFields(input);
      return addressEvent(input, idAt(index), registry);
    }),
  );
  const addresses = [...new Set(events.map(({ address }) => address))];
  // A check tells where a stream stands, so it is held to the same streams as the events.
  refuseOtherStreams([...addresses, ...Object.keys(request.expectedRevisions ?? {})], request.streamPrefix);
  return {
    request,
    events,
    addresses,
    expectations: readExpectations(request, events[0]!.address),
    commitId,
    isResendable: request.commitId !== undefined || areAllGiven,
  };
}

function refuseCount(count: number, limit: number): void {
  if (count === 0) throw new LogError('BAD_REQUEST', 'There is nothing to append.', { details: { reason: 'empty_batch' }, hint: 'Give at least one event.' });
  if (count > limit) throw new LogError('TOO_LARGE', `${count} events in one commit; the most is ${limit}.`, { details: { reason: 'batch', size: count, limit }, hint: 'Append in several commits.' });
}

function refuseOtherStreams(addresses: readonly string[], prefix = ''): void {
  const other = addresses.find((address) => !address.startsWith(prefix));
  if (other !== undefined) throw new LogError('FORBIDDEN', `You may not write to ${other}.`, { details: { reason: 'stream_prefix', stream: other, streamPrefix: prefix }, hint: `Write to streams that begin with ${prefix}.` });
}

/** Says which event of a batch was refused. */
export function atIndex<T>(index: number, count: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (count === 1 || !(error instanceof LogError) || error.details.index !== undefined) throw error;
    throw new LogError(error.code, `Event ${index}: ${error.message}`, { details: { ...error.details, index }, cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}
