/** Where the app begins: look, ways to the server, routes. */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { RefoldProvider } from '@refold/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { followOtherTabs } from './preferences.ts';
import { answers, refold } from './refold.ts';
import { router } from './router.tsx';
import { listenForShortcuts } from './shortcuts/shortcuts.ts';
import { NowProvider } from './ui/instant.tsx';
import { TooltipGroup } from './ui/tooltip.tsx';
import './styles.css';

followOtherTabs();
listenForShortcuts();

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={answers}>
        <RefoldProvider client={refold}>
          <TooltipGroup>
            <NowProvider>
              <RouterProvider router={router} />
            </NowProvider>
          </TooltipGroup>
        </RefoldProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
