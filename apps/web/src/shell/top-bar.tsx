import { Link, useRouter } from '@tanstack/react-router';
import { Command, Keyboard, Menu as MenuIcon, Search, SunMoon } from 'lucide-react';
import { useState } from 'react';
import type { ReactElement, RefObject } from 'react';
import { messages } from '../messages.ts';
import { clockFormats, densities, prefer, themes, usePreferences } from '../preferences.ts';
import { IconButton } from '../ui/button.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Menu } from '../ui/menu.tsx';
import { LivePill } from './live-pill.tsx';
import { destinationOf } from './search-destination.ts';
import { UserMenu } from './user-menu.tsx';

interface TopBarProps {
  readonly searchBox: RefObject<HTMLInputElement | null>;
  readonly onPages: () => void;
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

export function TopBar({ searchBox, onPages, onPalette, onHelp }: TopBarProps): ReactElement {
  return (
    <header className="flex min-w-0 items-center gap-2 border-b border-line bg-surface-1 px-2 column:ps-0">
      <span className="column:hidden">
        <IconButton label={messages.openNavigation} icon={<MenuIcon size={18} aria-hidden />} onClick={onPages} />
      </span>
      <Link to="/" aria-label={messages.product} className="hidden w-[52px] shrink-0 justify-center column:flex">
        <img src="/icon.svg" alt="" width={20} height={20} />
      </Link>
      <SearchBox searchBox={searchBox} />
      <div className="ms-auto flex shrink-0 items-center gap-1">
        <LivePill />
        <span className="hidden narrow:contents">
          <IconButton label={messages.palette} keys="mod+k" icon={<Command size={16} aria-hidden />} onClick={onPalette} />
          <IconButton label={messages.help} keys="?" icon={<Keyboard size={16} aria-hidden />} onClick={onHelp} />
        </span>
        <LookMenu />
        <UserMenu />
      </div>
    </header>
  );
}

function SearchBox({ searchBox }: Pick<TopBarProps, 'searchBox'>): ReactElement {
  const router = useRouter();
  const [text, setText] = useState('');
  const [isLooking, setIsLooking] = useState(false);
  const go = async (): Promise<void> => {
    setIsLooking(true);
    try {
      const href = await destinationOf(text);
      if (href === null) return;
      setText('');
      await router.navigate({ href });
    } finally {
      setIsLooking(false);
    }
  };
  return (
    <form
      role="search"
      className="relative flex min-w-0 max-w-[480px] flex-1 items-center"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <Search size={14} aria-hidden className="pointer-events-none absolute start-2.5 text-text-2" />
      <input
        ref={searchBox}
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        aria-label={messages.search}
        aria-busy={isLooking}
        placeholder={messages.searchPlaceholder}
        spellCheck={false}
        autoComplete="off"
        className="h-7 w-full min-w-0 rounded border border-line bg-surface-2 ps-8 pe-2 text-body text-ellipsis column:pe-9"
      />
      <span className="pointer-events-none absolute end-2 hidden column:inline" aria-hidden>
        <Kbd keys="/" />
      </span>
    </form>
  );
}

function LookMenu(): ReactElement {
  const { theme, density, clock } = usePreferences();
  return (
    <Menu
      align="end"
      trigger={<IconButton label={messages.theme} keys="mod+." icon={<SunMoon size={16} aria-hidden />} />}
      groups={[
        themes.map((choice) => ({ label: messages.themes[choice], isChosen: choice === theme, onChoose: () => prefer({ theme: choice }) })),
        densities.map((choice) => ({ label: messages.densities[choice], isChosen: choice === density, onChoose: () => prefer({ density: choice }) })),
        clockFormats.map((choice) => ({ label: messages.clocks[choice], isChosen: choice === clock, onChoose: () => prefer({ clock: choice }) })),
      ]}
    />
  );
}
