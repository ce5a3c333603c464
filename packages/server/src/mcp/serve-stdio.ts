/** MCP on stdin and stdout of a process: one client, from its first line to the end of its input. */
import type { LineStreams } from './line-transport.ts';
import type { McpDoor } from './create-mcp-server.ts';

export interface StdioOptions extends LineStreams {
  readonly door: Omit<McpDoor, 'kept'>;
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** Resolves when the client has gone, or was left. The protocol is loaded here, so that whoever serves nobody does not load it. */
export async function serveMcp({ door, signal, ...streams }: StdioOptions): Promise<void> {
  const [{ serveStdio }, { createLineTransport }, { createMcpServer }, { createKeptAnswers }] = await Promise.all([import('@modelcontextprotocol/server/stdio'), import('./line-transport.ts'), import('./create-mcp-server.ts'), import('./kept-answers.ts')]);
  const kept = createKeptAnswers();
  const transport = createLineTransport(streams);
  const connection = serveStdio(() => createMcpServer({ ...door, kept }), { transport });
  const leave = (): void => void connection.close();
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  await transport.ended;
  signal.removeEventListener('abort', leave);
  await connection.close();
}
