/** Server-Sent Events (WHATWG HTML, 9.2) read from a response, because the browser's own EventSource cannot sign in. */
export interface SentEvent {
  readonly name: string;
  /** Empty for one that only says where the stream stands. */
  readonly data: string;
  /** The last id that was sent, with this event or before it. */
  readonly id: string | null;
}

export interface SilenceOptions {
  /** Default: no bound. */
  readonly silenceMsMax?: number;
  /** Called when nothing came for so long; it ends the response. */
  readonly onSilence?: () => void;
}

/** Every event, and every id that stands alone. Comments are left out, but they break a silence. */
export async function* sentEvents(body: ReadableStream<Uint8Array> | null, silence: SilenceOptions = {}): AsyncGenerator<SentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | null = null;
  let name = 'message';
  let data: string[] = [];
  let saysSomething = false;
  for await (const chunk of chunksOf(body, silence)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === '') {
        if (saysSomething) yield { name, data: data.join('\n'), id };
        [name, data, saysSomething] = ['message', [], false];
      } else if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
        saysSomething = true;
      } else if (line.startsWith('id:')) {
        id = line.slice(3).trim();
        saysSomething = true;
      } else if (line.startsWith('event:')) name = line.slice(6).trim();
    }
  }
}

/** Read by hand: not every browser iterates over a body. A caller who reads slowly is no silence of the server. */
export async function* chunksOf(body: ReadableStream<Uint8Array> | null, { silenceMsMax, onSilence }: SilenceOptions = {}): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const timer = silenceMsMax === undefined ? undefined : setTimeout(() => onSilence?.(), silenceMsMax);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    // Who leaves the loop early does not want the rest.
    await reader.cancel().catch(() => undefined);
  }
}
