/** GraphQL with the client of this package, against a real server over a wire that fails. */
import { createClient, createGraphQLClient } from '@refold/client';
import type { FollowState } from '@refold/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { note, startWorld } from './client-world.ts';

const limits = { backoffMs: 5, backoffMsMax: 20 };

interface Job {
  readonly id: string;
  readonly status: string;
}

describe('A question and a change', () => {
  test('D-015 are answered with their data', async () => {
    const { url } = await startWorld();
    for (const address of [url, `${url}/`, `${url}/api/v1`]) expect(createGraphQLClient({ url: address }).url).toBe(`${url}/graphql`);
    const graphql = createGraphQLClient({ url });
    expect(await graphql.mutate<{ createJob: Job }>('mutation ($input: CreateJobInput!) { createJob(input: $input) { id status } }', { input: { id: '42' } })).toEqual({ createJob: { id: '42', status: 'PENDING' } });
    const document = 'query One($id: ID!) { job(id: $id) { status } } query None { job(id: "none") { status } }';
    expect(await graphql.query(document, { id: '42' }, { operationName: 'One' })).toEqual({ job: { status: 'PENDING' } });
    expect(await graphql.query(document, {}, { operationName: 'None' })).toEqual({ job: null });
    expect(await graphql.mutate('mutation { replayEvents(input: { streamType: "job", streamId: "42", mode: EXECUTE }) { status } }', {}, { confirm: 'job/42' })).toEqual({ replayEvents: { status: 'COMPLETED' } });
  });

  test('are refused with the error that every other door gives', async () => {
    const { url } = await startWorld();
    const graphql = createGraphQLClient({ url, limits });
    await expect(graphql.query('{ jobb }')).rejects.toMatchObject({ name: 'LogError', code: 'BAD_REQUEST', details: { reason: 'graphql' }, hint: expect.any(String) });
    await expect(graphql.mutate('mutation { startJob(jobId: "none") { id } }')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const guarded = await startWorld({ token: 'the-token-of-this-machine-0123456789-abcdefg' });
    await expect(createGraphQLClient({ url: guarded.url, limits }).query('{ __typename }')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await createGraphQLClient({ url: guarded.url, token: 'the-token-of-this-machine-0123456789-abcdefg' }).query('{ __typename }')).toEqual({ __typename: 'Query' });
  });

  test('over a connection that breaks: the question is sent again, the change is not', async () => {
    const { url, wire } = await startWorld();
    const graphql = createGraphQLClient({ url: wire.url, limits });
    wire.fail('swallow the answer', 2);
    expect(await graphql.query('{ __typename }')).toEqual({ __typename: 'Query' });
    expect(wire.connections).toBe(3);
    wire.fail('swallow the answer', 1);
    wire.cut();
    await expect(graphql.mutate('mutation { createJob(input: { id: "1" }) { id } }')).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect((await createClient({ url }).queryEvents({ streamType: 'job' })).items).toHaveLength(1);
  });
});

describe('A subscription', () => {
  test('D-015 D-041 of document 004 tells each status of a job', async () => {
    const { url } = await startWorld();
    const client = createClient({ url });
    await client.createJob({ id: '42', steps: ['build'] });
    const stop = new AbortController();
    const updates = createGraphQLClient({ url, signal: stop.signal }).subscribe<{ jobStatusUpdated: Job & { readonly events: readonly { readonly eventType: string }[] } }>('subscription ($jobId: ID!) { jobStatusUpdated(jobId: $jobId) { jobId status events { eventType } } }', { jobId: '42' });
    expect((await updates.next()).value).toEqual({ jobStatusUpdated: { jobId: '42', status: 'PENDING', events: [{ eventType: 'JobCreated' }] } });
    await client.startJob({ id: '42' });
    expect((await updates.next()).value).toMatchObject({ jobStatusUpdated: { status: 'RUNNING', events: [{ eventType: 'JobStarted' }] } });
    stop.abort();
    expect(await updates.next()).toEqual({ done: true, value: undefined });
  });

  test('D-094 goes on over connections that break, each position once, in order, from any position', async () => {
    const { url, wire } = await startWorld();
    const client = createClient({ url });
    const [total, cuts] = [60, new Set([15, 30, 45])];
    await client.appendEvents({ events: Array.from({ length: total }, (_, index) => note(`${index}`)) });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const states: FollowState[] = [];
    const positions: number[] = [];
    for await (const { eventAppended } of createGraphQLClient({ url: wire.url, limits }).subscribe<{ eventAppended: { readonly position: number } }>('subscription { eventAppended { position } }', {}, { afterPosition: 10, signal: stop.signal, onState: (state) => void states.push(state) })) {
      positions.push(eventAppended.position);
      if (cuts.has(positions.length)) {
        wire.cut();
        await client.appendEvents({ events: [note('more')] });
      }
      if (positions.length === total - 10 + cuts.size) break;
    }
    expect(positions).toEqual(Array.from({ length: total - 10 + cuts.size }, (_, index) => index + 11));
    expect([states[0], states[1], states.includes('reconnecting'), states.at(-1)]).toEqual(['connecting', 'live', true, 'ended']);
  });

  test('ends when it is complete, and with what is refused', async () => {
    const { url } = await startWorld();
    const graphql = createGraphQLClient({ url, limits });
    await createClient({ url }).createJob({ id: '42' });
    const { replayEvents } = await graphql.mutate<{ replayEvents: { id: string } }>('mutation { replayEvents(input: { streamType: "job", streamId: "42", mode: EXECUTE }) { id } }', {}, { confirm: 'job/42' });
    const told: unknown[] = [];
    for await (const update of graphql.subscribe('subscription ($id: ID!) { replayProgress(id: $id) { status } }', { id: replayEvents.id })) told.push(update);
    expect(told).toEqual([{ replayProgress: { status: 'COMPLETED' } }]);
    await expect(graphql.subscribe('subscription { jobStatusUpdated(jobId: "none") { status } }').next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(graphql.subscribe('subscription { nothing }').next()).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
