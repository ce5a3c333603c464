/**
 * The WebSocket door at `/ws`: channels of events, as JSON messages (docs/decisions/0019-channels.md). It stands behind the way
 * in of every upgrade (upgrades.ts); the library is loaded with the first socket. Nothing is compressed: it costs more time than
 * it saves bytes.
 */
import type { IncomingMessage } from 'node:http';
import type { WebSocketServer } from 'ws';
import type { InputShape } from '../rest/input-shape.ts';
import { readQuery, unknown } from '../rest/query.ts';
import type { Speaker } from '../rest/speaker.ts';
import { canonicalSpelling, takeSpelling } from '../rest/spelling.ts';
import type { Spelling } from '../rest/spelling.ts';
import type { UpgradeHandler } from '../upgrades.ts';
import { serveConnection } from './connection.ts';
import type { ConnectionParts } from './connection.ts';
import type { ItemView } from './conversation.ts';

export function createChannelDoor({ speaker, ...parts }: ConnectionParts & { readonly speaker: Speaker }): UpgradeHandler {
  let loading: Promise<WebSocketServer> | undefined;
  const load = async (): Promise<WebSocketServer> => {
    const { WebSocketServer } = await import('ws');
    // A message that is a little too large is answered; from twice the size on the library ends it without being asked.
    return new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, autoPong: false, maxPayload: 2 * parts.http.webSocketFrameBytesMax });
  };

  return (request, socket, head, caller, visit) => {
    const own = spellingOf(request);
    const spellingIn = (dialect?: string): ItemView => viewIn(dialect === undefined ? own : takeSpelling(new Map([['dialect', dialect]]), noParameters, own), speaker);
    loading ??= load();
    // A library that cannot be loaded is a fault of ours, and the socket the only one who can be told.
    loading.then(
      (server) => server.handleUpgrade(request, socket, head, (ws) => serveConnection(ws, socket, { request, caller, visit, spellingIn }, parts)),
      () => socket.destroy(),
    );
  };
}

const noParameters: InputShape = { names: new Set(), required: [], lists: new Set(), isOpen: false };

/** @throws LogError BAD_REQUEST `naming`, `dialect`, `unknown_parameter`: a token is never taken from an address. */
function spellingOf(request: IncomingMessage): Spelling {
  const query = new Map(readQuery(request.url ?? ''));
  const spelling = takeSpelling(query, noParameters, canonicalSpelling);
  for (const name of query.keys()) throw unknown(name, { ...noParameters, names: new Set(['naming', 'dialect']) });
  return spelling;
}

const viewIn = (spelling: Spelling, speaker: Speaker): ItemView => ({ key: `${spelling.naming} ${spelling.dialect}`, view: speaker.viewOf(spelling) });
