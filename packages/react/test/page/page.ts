/** A page that shows what hooks give, as JSON, in StrictMode; the test says what to show. It keeps every rendering. */
import { createClient } from '@refold/client';
import { RefoldProvider, useAnswer, useDebugSession, useEvents, useJobLogs, useJobSubscription, useOrchestratorHealth, useStateAt, useTimeline } from '@refold/react';
import type { JobStatusUpdate, Transport } from '@refold/react';
import { Fragment, StrictMode, createElement, useState } from 'react';
import type { ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import type { Browser, Shown } from './browser-globals.ts';

const browser = globalThis as unknown as Browser;

const hooks: { readonly [hook: string]: (...given: never[]) => unknown } = { useAnswer, useDebugSession, useEvents, useJobLogs, useJobSubscription, useOrchestratorHealth, useStateAt, useTimeline };

function Shows({ hook, args }: Shown): ReactElement {
  const result = hooks[hook]!(...(args as never[]));
  browser.renderings.push({ hook, args, result: JSON.parse(JSON.stringify(result)) });
  browser.results[hook] = result;
  return createElement('pre', { 'data-hook': hook }, JSON.stringify(result));
}

/** A subscription that comes by another way, as a GraphQL client would hand it in: in its spelling of statuses. */
const plugged: Pick<Transport, 'jobStatusUpdated'> = {
  async *jobStatusUpdated(jobId, { signal, onState }): AsyncGenerator<JobStatusUpdate> {
    onState('live', null);
    yield { jobId, status: 'RUNNING', currentStep: 'build', progress: 0.25, timestamp: '2026-11-20T10:00:00.000Z', events: [] };
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    browser.pluggedEnded = true;
  },
};

const { server, token } = browser.settings;
const client = createClient({ url: server, token, limits: { backoffMs: 20, backoffMsMax: 100 } });

function Page(): ReactElement {
  const [shown, show] = useState<readonly Shown[]>([]);
  const [isPlugged, plug] = useState(false);
  browser.show = show;
  browser.plug = plug;
  const views = shown.map((one, index) => createElement(Shows, { key: `${one.hook} ${index}`, ...one }));
  return createElement(RefoldProvider, { client, ...(isPlugged ? { transport: plugged } : {}), children: createElement(Fragment, null, ...views) });
}

browser.renderings = [];
browser.results = {};
createRoot(browser.document.getElementById('root')).render(createElement(StrictMode, null, createElement(Page)));
