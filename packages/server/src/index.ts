/** REST, OpenAPI, Server-Sent Events and MCP over the operations. */
export { createServer } from './create-server.ts';
export type { ServerOptions } from './create-server.ts';
export { listen } from './listen.ts';
export type { Listening, ListenOptions } from './listen.ts';
export { defaultHttpLimits } from './http-limits.ts';
export type { HttpLimits } from './http-limits.ts';
export { httpStatuses } from './error-map.ts';
export type { Problem } from './problem.ts';
export type { FailedRequest, RequestLog } from './request-log.ts';
export { openApiDocument } from './rest/openapi.ts';
export type { OpenApiDocument, OpenApiOptions } from './rest/openapi.ts';
export { serveMcp } from './mcp/serve-stdio.ts';
export type { StdioOptions } from './mcp/serve-stdio.ts';
export type { McpDoor } from './mcp/create-mcp-server.ts';
