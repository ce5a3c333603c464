/** The official client, connected to a server of ours over HTTP, in a revision of the protocol. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';

export const currentRevision = '2026-07-28';

/** `legacy` opens with the handshake of the revisions before. */
export async function mcpClient(url: string, mode: 'legacy' | 'current' = 'current'): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: mode === 'legacy' ? 'legacy' : { pin: currentRevision } } });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url)));
  onTestFinished(() => client.close());
  return client;
}

// oxlint-disable no-explicit-any -- tests look into answers of every shape.
export interface ToolAnswer {
  readonly structured: any;
  readonly text: string;
  readonly isError: boolean;
  /** Bytes of the result as JSON. */
  readonly bytes: number;
}

export async function callTool(client: Client, name: string, given: Record<string, unknown> = {}): Promise<ToolAnswer> {
  const result: any = await client.callTool({ name, arguments: given });
  return { structured: result.structuredContent, text: result.content[0].text, isError: result.isError === true, bytes: Buffer.byteLength(JSON.stringify(result)) };
}
// oxlint-enable no-explicit-any
