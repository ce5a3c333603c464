/**
 * Listens to a channel of a Refold server, and never loses its place: when the connection breaks it connects again and goes on after
 * the last event it has handled, each position once, in order. It needs nothing but the WebSocket of Node 22 or of a browser.
 *
 *   node examples/listen.mjs ws://127.0.0.1:8012/ws 'orchestration.*' "$(cat .refold/token)"
 */

/**
 * @typedef {{ readonly type: string, readonly streamType: string, readonly streamId: string }} Event
 * @typedef {object} Listening
 * @property {string} url  Of the server's channels, for example `ws://127.0.0.1:8012/ws`.
 * @property {string} channel
 * @property {string} [token]  Goes in the first message, never in the address.
 * @property {number} [afterPosition]  Where to go on; without it only what comes is heard.
 * @property {(event: Event, position: number) => void} onEvent
 * @property {(cursor: number) => void} [onResync]  The place was lost: read anew what you show, up to the cursor.
 * @property {(error: object) => void} [onRefused]  The server will not have this; trying again would not help.
 */

/** @param {Listening} listening @returns {{ stop(): void }} */
export function listen({ url, channel, token, afterPosition, onEvent, onResync = () => undefined, onRefused = (error) => console.error(error) }) {
  let position = afterPosition;
  /** @type {string | undefined} */
  let epoch;
  /** @type {WebSocket} */
  let socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let pauseMs = 250;
  let isStopped = false;

  /**
   * What each message of the server means to a listener.
   *
   * @type {Record<string, (message: any) => void>}
   */
  const handlers = {
    subscribed(message) {
      pauseMs = 250;
      epoch = message.epoch;
      position ??= message.position;
    },
    event(message) {
      onEvent(message.event, message.position);
      position = message.position;
    },
    error(message) {
      if (message.code === 'RESYNC_REQUIRED') {
        // It read too slowly, or the log was put back to an older state: this place is as good as any from here on.
        if (message.epoch !== undefined) onResync(message.cursor);
        [position, epoch] = [message.cursor, message.epoch];
        socket.close();
      } else if (message.retryable !== true) {
        onRefused(message);
        stop();
      }
    },
  };

  function connect() {
    socket = new WebSocket(url);
    const say = (/** @type {object} */ message) => socket.send(JSON.stringify(message));
    socket.onopen = () => {
      if (token !== undefined) say({ op: 'auth', token });
      say({ op: 'subscribe', channel, ...(position === undefined ? {} : { afterPosition: position }), ...(epoch === undefined ? {} : { epoch }) });
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (!isStopped) handlers[message.op]?.(message);
    };
    socket.onclose = () => {
      if (isStopped) return;
      // A little chance, so that a thousand listeners do not come back at the same moment.
      timer = setTimeout(connect, pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(2 * pauseMs, 5_000);
    };
  }

  function stop() {
    isStopped = true;
    clearTimeout(timer);
    socket.close();
  }

  connect();
  return { stop };
}

if (import.meta.main) {
  const [url = 'ws://127.0.0.1:8012/ws', channel = 'orchestration.*', token] = process.argv.slice(2);
  listen({ url, channel, ...(token === undefined ? {} : { token }), onEvent: (event, position) => console.log(`@${position}  ${event.type}  ${event.streamType}/${event.streamId}`) });
}
