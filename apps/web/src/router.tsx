/** Routes made from the list of pages, each loaded when it is opened; and the addresses that lead on to one of them. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { pages } from './pages.ts';
import { placeHref, readPlace, streamHref } from './places.ts';
import { formatSearch, parseSearch } from './search-parameters.ts';
import type { SearchParameters } from './search-parameters.ts';
import { AppShell } from './shell/app-shell.tsx';
import { NotFound, RouteError } from './shell/route-error.tsx';

const root = createRootRoute({ component: AppShell, notFoundComponent: NotFound });

const routes = pages.map(({ path, load }) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(async () => ({ default: await load() })) }),
);

/** `/p/<place>`: what the command prints and people send each other. */
const place = createRoute({
  getParentRoute: () => root,
  path: '/p/$',
  loader: ({ location }) => {
    const { streamType, streamId, at } = readPlace(decodeURIComponent(location.pathname.slice('/p/'.length)));
    const address = { streamType, streamId };
    // oxlint-disable-next-line typescript/only-throw-error -- how the router is told to go on elsewhere
    throw redirect({ href: at === null ? streamHref(address) : placeHref(address, at) });
  },
});

/** A stream without a tab is its story. */
const stream = createRoute({
  getParentRoute: () => root,
  path: '/streams/$streamType/$streamId',
  loader: ({ params: { streamType, streamId }, location }) => {
    // oxlint-disable-next-line typescript/only-throw-error -- how the router is told to go on elsewhere
    throw redirect({ href: streamHref({ streamType, streamId }, 'story', location.search as SearchParameters) });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([...routes, place, stream]),
  parseSearch,
  stringifySearch: (search: object) => formatSearch(search as SearchParameters),
  defaultPreload: 'intent',
  defaultErrorComponent: RouteError,
  defaultPendingMs: 200,
  scrollRestoration: false,
});
