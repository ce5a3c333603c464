import { Link } from '@tanstack/react-router';
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import type { ReactElement } from 'react';
import { messages } from '../messages.ts';
import { pages } from '../pages.ts';
import { prefer, usePreferences } from '../preferences.ts';
import { IconButton } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { Tooltip } from '../ui/tooltip.tsx';

export function Rail(): ReactElement {
  const { isRailWide } = usePreferences();
  return (
    <nav aria-label={messages.navigation} className={classNames('hidden shrink-0 flex-col border-e border-line bg-surface-2 column:flex', isRailWide ? 'w-[208px]' : 'w-[52px]')}>
      <RailLinks isWide={isRailWide} />
      <div className="mt-auto flex justify-center p-2">
        <IconButton
          label={isRailWide ? messages.narrowRail : messages.widenRail}
          icon={isRailWide ? <PanelLeftClose size={16} aria-hidden /> : <PanelLeftOpen size={16} aria-hidden />}
          onClick={() => prefer({ isRailWide: !isRailWide })}
        />
      </div>
    </nav>
  );
}

/** @param onGo  The list of a small screen goes when a page was chosen. */
export const RailLinks = ({ isWide, onGo }: { readonly isWide: boolean; readonly onGo?: () => void }): ReactElement => (
  <ul className="flex flex-col gap-0.5 p-2">
    {pages.map(({ path, title, rail }) => {
      if (rail === undefined) return null;
      const link = (
        <Link
          to={path}
          activeOptions={{ exact: path === '/', includeSearch: false }}
          aria-label={title}
          onClick={onGo}
          className="flex h-9 items-center gap-3 rounded px-2.5 text-text-2 hover:bg-surface-3 hover:text-text aria-[current=page]:bg-surface-3 aria-[current=page]:font-medium aria-[current=page]:text-text"
        >
          <rail.icon size={16} aria-hidden className="shrink-0" />
          {isWide && <span className="truncate">{title}</span>}
        </Link>
      );
      return <li key={path}>{isWide ? link : <Tooltip says={title} keys={rail.keys} side="right">{link}</Tooltip>}</li>;
    })}
  </ul>
);
