/**
 * A subscription as Server-Sent Events, in the form of the GraphQL over SSE protocol (distinct connections): `next` for every
 * answer, `complete` at the end. Each carries its position as the event's id, so that a browser that lost the connection says by
 * itself where it was (`Last-Event-ID`). Answers are made when the socket has room for them.
 */
import type { Answer, Answers } from './answers.ts';

export interface EventStreamOptions {
  readonly heartbeatMs: number;
  /** It was ended from outside: the stream breaks off, because what it tells has not come to its end. */
  readonly isCutOff: () => boolean;
}

export function eventStreamOf(answers: Answers, { heartbeatMs, isCutOff }: EventStreamOptions): Response {
  const utf8 = new TextEncoder();
  let heartbeat: NodeJS.Timeout;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(utf8.encode(': open\n\n'));
        heartbeat = setInterval(() => (controller.desiredSize ?? 0) > 0 && controller.enqueue(utf8.encode(': heartbeat\n\n')), heartbeatMs);
      },
      async pull(controller) {
        const { done, value } = await answers.next();
        if (done !== true) return controller.enqueue(framesOf(value));
        clearInterval(heartbeat);
        if (!isCutOff()) controller.enqueue(utf8.encode('event: complete\ndata:\n\n'));
        controller.close();
      },
      async cancel() {
        clearInterval(heartbeat);
        await answers.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' } });
}

/** JSON has no line ends outside of strings and escapes them inside, so one data line is enough. */
const framesOf = (answers: readonly Answer[]): Uint8Array =>
  Buffer.concat(answers.flatMap(({ json, position }) => [Buffer.from(`event: next\n${position === undefined ? '' : `id: ${position}\n`}data: `), json, frameEnd]));
const frameEnd = Buffer.from('\n\n');
