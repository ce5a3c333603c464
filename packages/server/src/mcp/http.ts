/**
 * MCP over HTTP at `/mcp`: behind the front door like every other request, its body read by the same strict parser, then
 * handed to the protocol, which is loaded with the first request. Every request stands alone; only answers that are read in
 * pieces are kept between two.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { LogError } from '@refold/core';
import type { Json, Limits } from '@refold/core';
import { runOperation } from '@refold/operations';
import type { Operation, OperationContext } from '@refold/operations';
import { HttpFault } from '../http-fault.ts';
import type { HttpLimits } from '../http-limits.ts';
import type { Problem } from '../problem.ts';
import { readBody } from '../read-body.ts';

export interface McpHttpOptions {
  readonly version: string;
  /** Offers the tools that append, too. */
  readonly allowWrite: boolean;
  readonly basePath: string;
  readonly http: HttpLimits;
  readonly limits: Limits;
  /** What the operations of this request work on, and for whom. @throws LogError UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED. */
  readonly contextOf: (request: FastifyRequest) => OperationContext;
  /** Writes the line about a request that failed, and says what the caller is told. */
  readonly problemOf: (thrown: unknown, request: FastifyRequest) => Problem;
}

export function registerMcp(app: FastifyInstance, options: McpHttpOptions): void {
  const requests = new WeakMap<Request, Asked>();
  let protocol: Promise<Protocol> | undefined;
  const load = (): Promise<Protocol> => (protocol ??= loadProtocol(options, requests));

  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      try {
        return await answer(request, reply, await load());
      } catch (error) {
        return refuse(reply, options.problemOf(error, request), error);
      }
    },
  });
  app.addHook('preClose', async () => await (await protocol)?.handler.close());

  async function answer(request: FastifyRequest, reply: FastifyReply, { handler, versions, versionKey }: Protocol): Promise<FastifyReply> {
    const context = options.contextOf(request);
    const body = request.method === 'POST' ? await readBody(request.raw, options.http, options.limits) : undefined;
    if (Array.isArray(body)) throw new HttpFault('batch', 'Several messages came in one request.', { status: 400, hint: 'Send one message per request.' });
    refuseVersion(request.headers['mcp-protocol-version'], claimedVersion(body, versionKey), versions);
    const forwarded = asWebRequest(request, reply);
    requests.set(forwarded, { request, context });
    // The front door has said who may ask; the body is read, so that nothing is read again.
    return reply.send(await handler.fetch(forwarded, body === undefined ? {} : { parsedBody: body }));
  }
}

interface Asked {
  readonly request: FastifyRequest;
  readonly context: OperationContext;
}

interface Protocol {
  readonly handler: McpHttpHandler;
  readonly versions: readonly string[];
  /** Where a message of the current revision says which one it is of. */
  readonly versionKey: string;
}

/** The packages name the revisions before it only. */
const currentRevision = '2026-07-28';

async function loadProtocol(options: McpHttpOptions, requests: WeakMap<Request, Asked>): Promise<Protocol> {
  const [{ createMcpHandler, PROTOCOL_VERSION_META_KEY, SUPPORTED_PROTOCOL_VERSIONS }, { createMcpServer }, { createKeptAnswers }] = await Promise.all([import('@modelcontextprotocol/server'), import('./create-mcp-server.ts'), import('./kept-answers.ts')]);
  const kept = createKeptAnswers();
  const handler = createMcpHandler(({ requestInfo }) => {
    // Every request came through `answer`, which wrote down where it came from.
    const { request, context } = requests.get(requestInfo!)!;
    return createMcpServer({
      version: options.version,
      allowWrite: options.allowWrite,
      call: <I, O>(operation: Operation<I, O>, input: unknown, signal?: AbortSignal) => runOperation(operation, { ...context, ...(signal === undefined ? {} : { gone: signal }) }, input),
      newRequestId: () => request.id,
      kept,
      failed: (thrown) => void options.problemOf(thrown, request),
      open: (address, revision) => `${request.protocol}://${request.headers.host}${options.basePath}/streams/${encodeURIComponent(address.streamType)}/${encodeURIComponent(address.streamId)}/state?revision=${revision}`,
    });
  });
  return { handler, versions: [currentRevision, ...SUPPORTED_PROTOCOL_VERSIONS], versionKey: PROTOCOL_VERSION_META_KEY };
}

/** The current revision says its version in the message and in the header; those before it in the header, once it is agreed. */
function refuseVersion(header: string | string[] | undefined, claimed: string | undefined, supported: readonly string[]): void {
  if (header === undefined && claimed === undefined) return;
  if (typeof header === 'string' && supported.includes(header)) return;
  throw new HttpFault('protocol_version', header === undefined ? 'The header MCP-Protocol-Version is missing.' : 'This revision of the protocol is not spoken here.', { status: 400, details: { supported }, hint: `Send MCP-Protocol-Version: ${supported[0]}.` });
}

function claimedVersion(body: Json | undefined, key: string): string | undefined {
  const claimed = (body as { readonly params?: { readonly _meta?: { readonly [key: string]: unknown } } } | null | undefined)?.params?._meta?.[key];
  return typeof claimed === 'string' ? claimed : undefined;
}

function asWebRequest(request: FastifyRequest, reply: FastifyReply): Request {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const headers = Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as [string, string]] : []));
  return new Request(new URL(request.url, 'http://localhost'), { method: request.method, headers, signal: gone.signal });
}

const [parseError, invalidRequest, unsupportedVersion] = [-32_700, -32_600, -32_022];

function refuse(reply: FastifyReply, { status, code, detail, details, hint, requestId }: Problem, thrown: unknown): FastifyReply {
  const isUnread = thrown instanceof LogError && (code === 'BAD_JSON' || code === 'BAD_UTF8');
  const number = isUnread ? parseError : details.reason === 'protocol_version' ? unsupportedVersion : invalidRequest;
  const data = { code, details, requestId, ...(hint === undefined ? {} : { hint }), ...(details['supported'] === undefined ? {} : { supported: details['supported'] }) };
  if (!reply.request.raw.complete) reply.header('connection', 'close');
  return reply.code(status).headers(thrown instanceof HttpFault ? thrown.headers : {}).type('application/json').send(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: number, message: detail, data } }));
}
