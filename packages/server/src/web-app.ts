/**
 * The web app as files: what its build wrote, served from memory. Only files that were there at the start have a route, so that
 * no address can lead out of the folder; and only the app's own places answer with its page, so that a mistyped address of the
 * API stays a refusal and never becomes a page.
 *
 * Names of hashed files change with their contents: they may be kept for ever. Everything else is asked for again each time and
 * mostly answered with 304. The files hold nothing of the log; the page is shown to whoever has signed in.
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addVary } from './rest/answer.ts';
import { compressed } from './rest/compress.ts';
import type { Encoded } from './rest/compress.ts';

/** The first part of every place in the app, as its router has them. Beneath each, the app itself says what is not there. */
export const appPlaces = ['p', 'runs', 'events', 'streams', 'jobs', 'board', 'agents', 'replays', 'schemas', 'storage', 'compare', 'system', 'settings'] as const;

export interface WebApp {
  /** Answers with the page. */
  sendPage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  /** Adds a route per file. */
  registerFiles(app: FastifyInstance): void;
}

/**
 * Scripts, styles, workers and calls from here alone, nothing inline: text of the log that got into the page as markup could still
 * not run, load or send anything. Source: TRUST.md section 12.
 */
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** @returns null when the folder holds no built app. */
export function readWebApp(folder: string, compressFromBytes: number): WebApp | null {
  if (!existsSync(join(folder, page))) return null;
  const files = new Map(namesBelow(folder).flatMap((name) => (mediaTypes.has(extname(name)) ? [[name, readFile(folder, name)] as const] : [])));

  async function send(file: WebFile, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    reply.header('cache-control', file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache').header('etag', file.etag);
    addVary(reply, 'Accept-Encoding');
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
    const encoded = await codedFor(file, request.headers['accept-encoding'], compressFromBytes);
    if (encoded !== null) reply.header('content-encoding', encoded.coding);
    return reply.type(file.mediaType).send(encoded?.bytes ?? file.bytes);
  }

  return {
    sendPage: (request, reply) => send(files.get(page)!, request, reply.header('content-security-policy', contentSecurityPolicy)),
    registerFiles(app) {
      // A worker lives under the policy of its own file, not under that of the page that started it.
      for (const [name, file] of files) if (name !== page) app.get(`/${name}`, (request, reply) => send(file, request, extname(name) === '.js' ? reply.header('content-security-policy', contentSecurityPolicy) : reply));
    },
  };
}

interface WebFile {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly mediaType: string;
  readonly isImmutable: boolean;
  /** By the coding that was asked for; made when it is first asked for. The files are nobody's secret, so that their length tells nothing. */
  readonly coded: Map<string, Promise<Encoded | null>>;
}

const page = 'index.html';

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.webmanifest', 'application/manifest+json'],
]);

const readFile = (folder: string, name: string): WebFile => {
  const bytes = readFileSync(join(folder, name));
  return { bytes, etag: `"${hash('sha256', bytes, 'base64url')}"`, mediaType: mediaTypes.get(extname(name))!, isImmutable: name.startsWith('assets/'), coded: new Map() };
};

const namesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/').replace(/^\/+/, '')] : []));

function codedFor(file: WebFile, acceptEncoding: string | undefined, compressFromBytes: number): Promise<Encoded | null> {
  // Pictures and fonts are small already.
  if (!/^text\/|\+xml|\+json/.test(file.mediaType) || acceptEncoding === undefined) return Promise.resolve(null);
  // Browsers send a handful of values; who sends others is answered without being remembered.
  const kept = file.coded.get(acceptEncoding);
  if (kept !== undefined) return kept;
  const made = compressed(file.bytes, acceptEncoding, compressFromBytes);
  if (file.coded.size < codingsKeptMax) file.coded.set(acceptEncoding, made);
  return made;
}

const codingsKeptMax = 8;
