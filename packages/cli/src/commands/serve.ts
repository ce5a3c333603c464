/** REST, live events and MCP over HTTP, until Ctrl-C: on this machine, or for others over TLS. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LogError } from '@refold/core';
import { operations, systemInfo } from '@refold/operations';
import type { OperationContext } from '@refold/operations';
import { createJwtVerifier, createMetrics, createServer, createSignIn, listen } from '@refold/server';
import type { ChannelOptions, RateLimits, SignIn } from '@refold/server';
import { defineCommand } from '../command.ts';
import { checkBind, isLoopback } from '../config/check-config.ts';
import { openLocal } from '../connect.ts';
import type { Connection } from '../connection.ts';
import { examplesFolder, loadDemo } from '../demo.ts';
import { exportSpans } from '../export-spans.ts';
import { lookForStore, shownUrl } from '../find-store.ts';
import type { FoundStore } from '../find-store.ts';
import { handlersIn } from '../handlers-argument.ts';
import { ignoreLog } from '../ignore-log.ts';
import { isSet, listOf, textOf, usage, wholeNumberOf } from '../options.ts';
import { grouped } from '../output.ts';
import { requestLinesTo } from '../request-lines.ts';
import { removeServerFile, writeServerFile } from '../server-file.ts';
import type { Session } from '../session.ts';
import { tlsIn } from '../tls-files.ts';
import { makeTokenFile, newToken } from '../token-file.ts';
import { version } from '../version.ts';
import { webAppFolder } from '../web-app-folder.ts';

export const serve = defineCommand({
  arguments: [],
  options: [
    { flags: '--host <name>', doc: 'address to listen on; default 127.0.0.1' },
    { flags: '--port <n>', doc: 'default 8012; 0 takes a free one' },
    { flags: '--handlers <module>', doc: 'who does things again when a replay is executed: a module with functions by event type' },
    { flags: '--allow-write', doc: 'offer agents (MCP) the tools that append, too' },
    { flags: '--demo', doc: 'load the example runs into an empty log' },
    { flags: '--open', doc: 'open it in the browser' },
    { flags: '--no-auth', doc: 'nobody has to sign in; on this machine only' },
    { flags: '--behind-proxy', doc: 'a proxy with TLS stands in front; other machines may be listened to' },
    { flags: '--tls-cert <file>', doc: 'certificate chain, PEM: it speaks TLS itself; other machines may be listened to' },
    { flags: '--tls-key <file>', doc: 'its private key, PEM' },
    { flags: '--allow-host <name...>', doc: 'a name that clients call the server by, beside those of this machine' },
  ],
  examples: [
    ['refold serve', 'the log from here upward; a new one in ./.refold when there is none'],
    ['refold serve --demo', 'the same, with example runs to look at'],
    ['refold serve --port 0', 'on any free port'],
  ],
  async run(session, { options }) {
    const { world, output } = session;
    const { event_sourcing: config } = session.config().config;
    const host = textOf(options, 'host') ?? config.server.host;
    const port = wholeNumberOf(options, 'port') ?? config.server.port;
    if (port > 65_535) throw usage(`There is no port ${port}.`, 'port', 'Choose one from 1 to 65535, or 0 for any free one.');
    const mode = options['auth'] === false ? 'none' : config.auth.mode;
    const isBehindProxy = isSet(options, 'behindProxy') || config.server.behind_proxy;
    const tls = tlsIn(world, { cert: textOf(options, 'tlsCert') ?? config.server.tls.cert, key: textOf(options, 'tlsKey') ?? config.server.tls.key });
    checkBind(host, { mode, isBehindProxy, hasTls: tls !== null });
    const store = lookForStore(session) ?? storeHere(world.cwd);
    if (hasFolder(store)) ignoreLog(store.folder);
    const spans = await exportSpans({ config: config.telemetry, env: world.env, note: (line) => output.note(line) });
    const metrics = config.telemetry.metrics.prometheus ? { shown: createMetrics(), path: config.telemetry.metrics.path } : null;
    const connection = await openLocal(session, store.url, { ...(await handlersIn(world, options)), keepSnapshots: config.snapshots.enabled ? 'all' : 'off', tracing: spans.tracing, ...(metrics === null ? {} : { meter: metrics.shown.meter }) }).catch(async (error: unknown) => {
      await spans.stop();
      throw error;
    });
    try {
      const context = localOf(connection);
      if (isSet(options, 'demo')) await fillDemo(session, context);
      const signIn = mode === 'none' ? null : await signInFor(context, config, { localToken: hasFolder(store) ? makeTokenFile(store.folder) : newToken(), isBehindProxy });
      const app = createServer({
        log: context.log,
        search: context.search,
        installation: context.installation,
        operations,
        ...(context.replay === undefined ? {} : { replay: { ...context.replay, defaultDryRun: config.replay.default_dry_run.rest } }),
        basePath: config.server.base_path,
        webApp: webAppFolder(),
        allowedOrigins: config.server.cors_origins,
        mcpWrites: isSet(options, 'allowWrite'),
        allowedHosts: listOf(options, 'allowHost') ?? config.server.allowed_hosts,
        channels: channelsOf(config),
        ...(signIn === null ? {} : { signIn }),
        // On this machine they would only measure themselves.
        ...(isBehindProxy || !isLoopback(host) ? { rates: ratesOf(config) } : {}),
        ...(tls === null ? {} : { tls }),
        limits: { bodyBytesMax: config.server.body_limit_kb * 1_024 },
        requestLog: requestLinesTo(session, config.telemetry.log_level),
        ...(metrics === null ? {} : { metrics }),
      });
      const listening = await listen(app, { host, port });
      try {
        if (hasFolder(store)) writeServerFile(store.folder, { url: listening.url, pid: process.pid });
        const link = signIn === null || isBehindProxy || !isLoopback(host) ? null : listening.url + signIn.newLink();
        await announce(session, connection, store, { url: listening.url, basePath: config.server.base_path, link, isOpen: signIn === null, hasChannels: config.broadcasting.enabled });
        if (isSet(options, 'open')) openBrowser(link ?? listening.url);
        await aborted(world.signal);
      } finally {
        removeServerFile(store.folder);
        output.note('refold: stopping');
        await listening.close();
      }
    } finally {
      await connection.close();
      await spans.stop();
    }
  },
});

/** Is there a place for a token and an address: beside a log that is a file or a folder, else where somebody made a `.refold` for it. */
const hasFolder = ({ url, folder }: FoundStore): boolean => /^(?:sqlite|jsonl):/.test(url) || (!url.startsWith('memory:') && existsSync(folder));

type ServeConfig = ReturnType<Session['config']>['config']['event_sourcing'];

async function signInFor({ log }: OperationContext, { auth, server }: ServeConfig, options: { readonly localToken: string; readonly isBehindProxy: boolean }): Promise<SignIn> {
  const { issuer, audience, jwks_url: jwksUrl, public_key: publicKey, role_claim: roleClaim } = auth.jwt;
  const jwt = auth.mode === 'jwt' ? await createJwtVerifier({ issuer: issuer ?? '', audience: audience ?? '', roleClaim, ...(jwksUrl === null ? {} : { jwksUrl }), ...(publicKey === null ? {} : { publicKey }) }, log.ports.clock) : undefined;
  return createSignIn({ log, ...options, failedLoginsPerMinute: server.rate_limit.failed_logins_per_minute, ...(jwt === undefined ? {} : { jwt }) });
}

const ratesOf = ({ server: { rate_limit: rate } }: ServeConfig): RateLimits => ({ appendsPerSecond: rate.appends_per_second, eventsPerSecond: rate.events_per_second, queriesPerSecond: rate.queries_per_second });

const channelsOf = ({ broadcasting: { enabled, prefix, types } }: ServeConfig): ChannelOptions | false => enabled && { prefix, ...(types === 'all' ? {} : { types }) };

/** Starting without anything is allowed here: a server makes its log. */
function storeHere(cwd: string): FoundStore {
  const folder = join(cwd, '.refold');
  return { url: `sqlite:${join(folder, 'log.db')}`, folder, from: 'folder' };
}

function localOf({ local }: Connection): OperationContext {
  if (local === null) throw new LogError('BAD_REQUEST', 'serve opens a log; it does not stand in front of another server.', { details: { reason: 'server' }, hint: 'Leave out --server.' });
  return local;
}

/** Loads nothing twice: a log that holds events is left as it is, but for a load that was interrupted. */
async function fillDemo(session: Session, context: OperationContext): Promise<void> {
  const { output, world } = session;
  const { position } = await context.log.head();
  if (position > 0 && (await isDemoLoaded(context))) return;
  if (position > 0 && !(await startsWithDemo(context))) return output.note('refold: the log holds events already; the example runs are not added');
  const folder = examplesFolder();
  if (folder === null) return output.note('refold: this installation carries no example runs; import your own: refold import auto FILE');
  const progress = session.progress('demo');
  const outcomes = await loadDemo(world, context, folder, (done) => progress.update({ done, unit: 'records' })).finally(() => progress.end());
  await context.log.driver.kvPut(demoKey, new TextEncoder().encode('loaded'), 'absent');
  output.note(`refold: loaded the example runs, ${grouped(outcomes.reduce((sum, { result }) => sum + result.eventsWritten, 0))} events`);
}

const demoKey = 'cli/demo';

const isDemoLoaded = async ({ log }: OperationContext): Promise<boolean> => (await log.driver.kvGet(demoKey)) !== null;

async function startsWithDemo({ log }: OperationContext): Promise<boolean> {
  for await (const { events } of log.events({ limit: 1 })) return events[0]?.metadata['importedBy'] === 'refold demo';
  return false;
}

async function announce(session: Session, connection: Connection, store: FoundStore, { url, basePath, link, isOpen, hasChannels }: { readonly url: string; readonly basePath: string; readonly link: string | null; readonly isOpen: boolean; readonly hasChannels: boolean }): Promise<void> {
  const { output, world } = session;
  const info = await connection.call(systemInfo, {});
  const shown = shownUrl(store.url, world.cwd);
  const durability = String(info.engine['durability']);
  output.answer({ url, version, store: shown, events: info.events, epoch: info.epoch, durability, pid: process.pid, ...(link === null ? {} : { link }) }, () => {
    output.line(`refold ${version}   log ${shown}   ${grouped(info.events)} events   epoch ${info.epoch.slice(0, 8)}   durability ${durability}`);
    output.line(`  ${url}   REST ${basePath}, OpenAPI /openapi.json, live events ${basePath}/events/stream${hasChannels ? ' and channels /ws' : ''}, GraphQL /graphql, MCP /mcp`);
    if (link !== null) output.line(`  ${link}   signs a browser in: once, within a minute; refold token link makes another`);
    output.line(`  ${isOpen ? 'only this machine can reach it, and nobody has to sign in' : link === null ? 'callers need a key (refold token create) or a JWT' : 'only this machine can reach it'}; Ctrl-C stops it`);
  });
  if (info.validation === 'flag') output.note('refold: warning: events that break their rules are taken and marked, not refused (validation.strict_mode, validate_on_write, timing)');
  const token = join(relative(world.cwd, store.folder), 'token');
  const shows = isOpen || !hasFolder(store) ? '' : `-H "Authorization: Bearer $(cat ${token})" `;
  output.hint(`refold runs     refold timeline latest     refold state latest     curl ${shows}${url}${basePath}/runs`);
}

function openBrowser(url: string): void {
  const command = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  const child = spawn(command, [url], { stdio: 'ignore', detached: true });
  // Without a browser the address that was printed is enough.
  child.on('error', () => {});
  child.unref();
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
