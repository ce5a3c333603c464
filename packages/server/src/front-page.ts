/** What stands at `/`: what runs here, and what to open or type next. Words for a browser, the same as text for a terminal. */
import { hash } from 'node:crypto';
import type { AnyOperation, Installation } from '@refold/operations';
import { isStream } from '@refold/operations';

export interface FrontPage {
  readonly html: string;
  readonly text: string;
  /** Nothing but the page's own style may run or load. */
  readonly contentSecurityPolicy: string;
}

export interface FrontPageOptions {
  readonly installation: Installation;
  readonly operations: readonly AnyOperation[];
  readonly basePath: string;
  /** There should be a web app here, and nobody has built it. */
  readonly lacksWebApp: boolean;
}

interface Link {
  readonly path: string;
  readonly says: string;
}

export function frontPageOf({ installation, operations, basePath, lacksWebApp }: FrontPageOptions): FrontPage {
  const links = linksTo(operations, basePath);
  const facts = factsOf(installation);
  const says = `${tagline} The server is running.${lacksWebApp ? ` ${howToBuild}` : ''}`;
  return { html: htmlOf(says, facts, links), text: textOf(says, facts, links), contentSecurityPolicy: policy() };
}

/** What who has not signed in sees, and for a moment who just has. */
export function signInPage(): FrontPage {
  const says = 'Sign in with the link that refold serve printed. It works once, within a minute; this makes another:';
  const html = `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Refold</title>\n<style>${style}</style>\n<main>\n<h1>Refold</h1>\n<p>${says}</p>\n<ul><li><code>refold token link</code></li></ul>\n</main>\n</html>\n`;
  return { html, text: `Refold. ${says}\n\n  refold token link\n`, contentSecurityPolicy: policy() };
}

const policy = (): string => `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const tagline = 'Flight recorder and time machine for runs of agents and jobs.';

const howToBuild = 'Its pages are not built here: run npm run build in the repository, then start it again.';

const commands: readonly (readonly [command: string, says: string])[] = [
  ['refold runs', 'what ran, the newest first'],
  ['refold state latest', 'the newest run as it stands'],
  ['refold query --newest 10', 'the last ten events'],
  ['refold tail', 'events as they come'],
  ['refold help', 'everything else'],
];

/** Questions worth asking first, by operation; each is shown only where the table has it. */
const firstQuestions: readonly (readonly [operation: string, query: string, says: string])[] = [
  ['listRuns', '', 'runs, the newest activity first'],
  ['queryEvents', '?order=desc&limit=20', 'the newest twenty events'],
  ['listStreams', '', 'every stream and the revision it stands at'],
  ['listEventTypes', '', 'the types of event this log knows'],
  ['health', '', 'is it well?'],
];

function linksTo(operations: readonly AnyOperation[], basePath: string): readonly Link[] {
  const asked = firstQuestions.flatMap(([name, query, says]) => {
    const found = operations.find((operation) => operation.name === name && operation.http?.method === 'GET' && !isStream(operation));
    return found?.http === undefined ? [] : [{ path: `${basePath}${found.http.path}${query}`, says }];
  });
  return [...asked, { path: '/openapi.json', says: 'every operation, as OpenAPI 3.1' }, { path: '/asyncapi.json', says: 'what is told as it happens, as AsyncAPI 3.0' }];
}

const factsOf = ({ version, store, engine, startedAt }: Installation): readonly (readonly [string, string])[] => [
  ['Refold', version],
  ['store', store],
  ...Object.entries(engine).map(([name, value]): readonly [string, string] => [name, String(value)]),
  ['running since', startedAt],
];

function htmlOf(says: string, facts: readonly (readonly [string, string])[], links: readonly Link[]): string {
  const rows = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('\n');
  const items = links.map(({ path, says }) => `<li><a href="${escaped(path)}">${escaped(path)}</a> <span>${escaped(says)}</span></li>`).join('\n');
  const lines = commands.map(([command, says]) => `<li><code>${escaped(command)}</code> <span>${escaped(says)}</span></li>`).join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Refold</title>
<style>${style}</style>
<main>
<h1>Refold</h1>
<p>${escaped(says)}</p>
<dl>
${rows}
</dl>
<h2>Open</h2>
<ul>
${items}
</ul>
<h2>Type</h2>
<ul>
${lines}
</ul>
</main>
</html>
`;
}

function textOf(says: string, facts: readonly (readonly [string, string])[], links: readonly Link[]): string {
  const list = (rows: readonly (readonly [string, string])[]): string => {
    const width = Math.max(...rows.map(([left]) => left.length));
    return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
  };
  return `Refold. ${says}\n\n${list(facts)}\n\nOpen\n${list(links.map(({ path, says }) => [path, says]))}\n\nType\n${list(commands)}\n`;
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 44rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { margin: 0; font-size: 2rem; letter-spacing: -0.02em; }
h2 { margin: 2rem 0 0.5rem; font-size: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1.5rem; margin: 1.5rem 0; }
dt, span { color: light-dark(#4b5563, #a7b0bd); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding: 0; list-style: none; }
li { padding: 0.2rem 0; }
a, code { font-family: ui-monospace, monospace; font-size: 0.9rem; margin-right: 0.75rem; }
`;

const escapes: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character]!);
