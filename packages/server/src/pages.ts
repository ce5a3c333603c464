/** What a server shows beside its operations: the web app or its front page, the link that signs a browser in, and the contract. */
import { LogError, isLogError } from '@refold/core';
import { authorize } from '@refold/operations';
import type { AnyOperation, Installation } from '@refold/operations';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isStranger } from './auth/caller.ts';
import type { Caller } from './auth/caller.ts';
import { ownerCredential } from './auth/sign-in.ts';
import type { SignIn } from './auth/sign-in.ts';
import { frontPageOf, signInPage } from './front-page.ts';
import type { HttpLimits } from './http-limits.ts';
import { addVary, jsonMediaType, sendJson } from './rest/answer.ts';
import { openApiDocument } from './rest/openapi.ts';
import type { ChannelForm } from './ws/channels.ts';
import { appPlaces, readWebApp } from './web-app.ts';

export interface Pages {
  readonly operations: readonly AnyOperation[];
  readonly installation: Installation;
  readonly basePath: string;
  /** Of the socket at `channelsPath`; none when there is no socket. */
  readonly channels: readonly ChannelForm[];
  readonly channelsPath: string;
  readonly http: HttpLimits;
  readonly signIn: SignIn | null;
  readonly callerOf: (request: FastifyRequest) => Caller;
  /** Folder of the built web app; null: it is not built; undefined: there is none. */
  readonly webApp: string | null | undefined;
}

export function registerPages(app: FastifyInstance, options: Pages): void {
  const { signIn, callerOf } = options;
  const webApp = typeof options.webApp === 'string' ? readWebApp(options.webApp, options.http.compressFromBytes) : null;
  const page = frontPageOf({ ...options, lacksWebApp: options.webApp !== undefined && webApp === null });
  const closedPage = signInPage();

  /** A person whose link is used up sees how to get another; everything else sees the refusal. */
  function cookieFor(request: FastifyRequest, code: string, wantsHtml: boolean): string | null {
    try {
      return signIn!.redeem(request.raw, code);
    } catch (error) {
      if (wantsHtml && isLogError(error, 'UNAUTHENTICATED')) return null;
      throw error;
    }
  }

  app.get('/', async (request, reply) => {
    addVary(reply, 'Accept');
    const wantsHtml = request.headers.accept?.includes('text/html') === true;
    const code = signIn === null ? null : new URLSearchParams(request.raw.url?.split('?')[1]).get('ott');
    const cookie = code === null ? null : cookieFor(request, code, wantsHtml);
    // The browser goes on by itself, so that the code leaves its address, and asks as our own page: a redirect would still
    // count as the site's that held the link, and a strict cookie would stay behind.
    if (cookie !== null) reply.header('set-cookie', cookie).header('refresh', '0; url=/');
    const isClosed = cookie !== null || isStranger(callerOf(request));
    if (isClosed && cookie === null) reply.code(401);
    if (wantsHtml && !isClosed && webApp !== null) return await webApp.sendPage(request, reply);
    const shown = isClosed ? closedPage : page;
    return wantsHtml ? reply.header('content-security-policy', shown.contentSecurityPolicy).type('text/html; charset=utf-8').send(shown.html) : reply.type('text/plain; charset=utf-8').send(shown.text);
  });
  if (webApp !== null) {
    webApp.registerFiles(app);
    for (const place of appPlaces.flatMap((name) => [`/${name}`, `/${name}/*`]))
      app.get(place, async (request, reply) => {
        if (!isStranger(callerOf(request))) return await webApp.sendPage(request, reply);
        return reply.code(401).header('content-security-policy', closedPage.contentSecurityPolicy).type('text/html; charset=utf-8').send(closedPage.html);
      });
  }
  if (signIn !== null)
    app.post(`${options.basePath}/sign-in-links`, (request, reply) => {
      // A link signs in as the owner of this machine, for hours: no key that may do less or ends sooner hands one out, and no page.
      const caller = callerOf(request);
      authorize('config', caller.identity);
      if (caller.credential !== ownerCredential || caller.byCookie || signIn.isBehindProxy) throw new LogError('FORBIDDEN', 'Links are for browsers on the machine of the server, and are made by its owner.', { details: { reason: 'link' }, hint: 'refold token link, on that machine.' });
      return reply.code(201).type(jsonMediaType).send(JSON.stringify({ path: signIn.newLink() }));
    });
  // Each takes a tenth of a second to make, and most servers are never asked for it.
  const version = options.installation.version;
  const contracts: { readonly [file: string]: () => Promise<object> } = {
    'openapi.json': async () => openApiDocument({ ...options, version }),
    'asyncapi.json': async () => (await import('./asyncapi.ts')).asyncApiDocument({ ...options, version }),
  };
  const texts = new Map<string, string>();
  for (const [file, make] of Object.entries(contracts))
    for (const path of [`/${file}`, `${options.basePath}/${file}`])
      app.get(path, async (request, reply) => {
        const text = texts.get(file) ?? JSON.stringify(await make());
        texts.set(file, text);
        return await sendJson(request, reply, text, { mayCompress: true, http: options.http });
      });
}
