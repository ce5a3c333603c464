/** What stands around every page: top bar, rail, status bar; and what is bound everywhere. Pages scroll, the shell never does. */
import { Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { useConnection } from '../connection.ts';
import { messages } from '../messages.ts';
import { pages } from '../pages.ts';
import { prefer, preferences, themes } from '../preferences.ts';
import { useGlobalShortcuts } from '../shortcuts/shortcuts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { PaneBoundary } from '../ui/error-pane.tsx';
import { CommandPalette } from './command-palette.tsx';
import { GoneNotice, SignedOut } from './connection-notice.tsx';
import { Rail, RailLinks } from './rail.tsx';
import { ShortcutHelp } from './shortcut-help.tsx';
import { StatusBar } from './status-bar.tsx';
import { TopBar } from './top-bar.tsx';

type Over = 'palette' | 'help' | 'pages' | null;

export function AppShell(): ReactElement {
  const router = useRouter();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [over, setOver] = useState<Over>(null);
  const isSignedOut = useConnection() === 'signedOut';
  const searchBox = useRef<HTMLInputElement>(null);
  const close = (): void => setOver(null);

  useGlobalShortcuts(messages.scopeGlobal, [
    { keys: 'mod+k', says: messages.palette, run: () => setOver('palette') },
    { keys: '/', says: messages.search, run: () => searchBox.current?.focus() },
    { keys: '?', says: messages.help, run: () => setOver('help') },
    ...pages.flatMap(({ path: to, title, rail }) => (rail === undefined ? [] : [{ keys: rail.keys, says: title, run: () => void router.navigate({ to }) }])),
    { keys: 'mod+.', says: messages.nextTheme, run: () => prefer({ theme: themes[(themes.indexOf(preferences().theme) + 1) % themes.length]! }) },
    { keys: 'Alt+Left', says: messages.back, run: () => router.history.back() },
    { keys: 'Alt+Right', says: messages.forward, run: () => router.history.forward() },
  ]);

  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[44px_minmax(0,1fr)_24px]">
      <a href="#content" className="sr-only z-50 rounded bg-accent px-3 py-1 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        {messages.skipToContent}
      </a>
      <TopBar searchBox={searchBox} onPages={() => setOver('pages')} onPalette={() => setOver('palette')} onHelp={() => setOver('help')} />
      <div className="flex min-h-0">
        <Rail />
        <main id="content" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col overflow-auto outline-none">
          <GoneNotice />
          {isSignedOut ? (
            <SignedOut />
          ) : (
            <PaneBoundary of={titleOf(path)} resetKey={path}>
              <Outlet />
            </PaneBoundary>
          )}
        </main>
      </div>
      <StatusBar />
      <CommandPalette isOpen={over === 'palette'} onClose={close} />
      <ShortcutHelp isOpen={over === 'help'} onClose={close} />
      <Dialog isOpen={over === 'pages'} onClose={close} title={messages.navigation} place="start">
        <RailLinks isWide onGo={close} />
      </Dialog>
    </div>
  );
}

const titleOf = (path: string): string => pages.find((page) => page.path === path)?.title ?? 'The page';
