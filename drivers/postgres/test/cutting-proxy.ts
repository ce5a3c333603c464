/** A line to the database that can be cut at the moment that matters: around the message that commits an append. */
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** before: the message never arrives. inside: it arrives, and the line is cut at once. after: the answer is on its way and gets lost. */
export type Cut = 'before' | 'inside' | 'after';

export interface CuttingProxy {
  readonly port: number;
  /** Cuts the line of the next append. */
  cutNext(cut: Cut): void;
  /** Cuts every line that is open. */
  cutAll(): void;
  /** Cuts made so far. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Name of the prepared statement that writes, and the word that commits: one of them is in every message that may commit an append. */
const committing = ['_appendBatch'];

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const lines = new Set<Socket>();
  let next: Cut | null = null;
  let cuts = 0;

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    let isDeaf = false;
    const cut = (): void => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      lines.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        lines.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk) => {
      const now = next !== null && committing.some((word) => chunk.includes(word)) ? next : null;
      if (now === null) return void target.write(chunk);
      next = null;
      cuts += 1;
      if (now === 'before') return cut();
      isDeaf = now === 'after';
      target.write(chunk, () => {
        if (now === 'inside') cut();
      });
    });
    target.on('data', (chunk) => (isDeaf ? cut() : void client.write(chunk)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const cutAll = (): void => lines.forEach((line) => line.destroy());
  return {
    port: address.port,
    cutNext(cut) {
      next = cut;
    },
    cutAll,
    get cuts() {
      return cuts;
    },
    async close() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
