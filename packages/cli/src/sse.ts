/** Server-sent events (WHATWG HTML, section 9.2): name and data of each. Comments and other fields are left out. */
export interface SentEvent {
  readonly name: string;
  readonly data: string;
}

export async function* sseEvents(body: ReadableStream<Uint8Array> | null): AsyncGenerator<SentEvent> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  let name = 'message';
  let data: string[] = [];
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { name, data: data.join('\n') };
        name = 'message';
        data = [];
      } else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      else if (line.startsWith('event:')) name = line.slice(6).trim();
    }
  }
}
