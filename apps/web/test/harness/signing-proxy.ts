/**
 * What stands in front of a server in a company: it knows who somebody is, and says so with every request, that of a socket included. The
 * server sees its own address.
 */
import { createServer, request as ask } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ServedLog } from './served-log.ts';

/** @returns the log as it is reached through the proxy, where nobody has to sign in. */
export async function signedInBy(log: ServedLog, token: string): Promise<ServedLog> {
  const target = new URL(log.url);
  const forwarded = ({ method, url, headers }: IncomingMessage): RequestOptions => ({
    host: target.hostname,
    port: target.port,
    method: method ?? 'GET',
    path: url ?? '/',
    headers: { ...headers, host: target.host, ...(headers.origin === undefined ? {} : { origin: target.origin }), authorization: `Bearer ${token}` },
  });
  const proxy = createServer((request, response) => {
    const onward = ask(forwarded(request), (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  proxy.on('upgrade', (request, socket, head) => {
    const onward = ask(forwarded(request));
    onward.on('upgrade', (answer, far, rest) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`).join('\r\n')}\r\n\r\n`);
      socket.write(rest);
      far.write(head);
      far.pipe(socket).pipe(far);
      for (const end of [far, socket]) end.on('error', () => undefined).on('close', () => void (far.destroy(), socket.destroy()));
    });
    onward.on('error', () => socket.destroy());
    onward.on('response', () => socket.destroy());
    onward.end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return { ...log, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, isOpen: true };
}
