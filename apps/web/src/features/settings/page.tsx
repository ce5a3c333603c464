/** Look and habits of this browser. */
import type { ReactElement } from 'react';
import { messages } from '../../messages.ts';
import { clockFormats, densities, prefer, themes, usePreferences } from '../../preferences.ts';
import type { Preferences } from '../../preferences.ts';
import { PageFrame } from '../../ui/page.tsx';
import { settingsMessages } from './messages.ts';

export function SettingsPage(): ReactElement {
  const chosen = usePreferences();
  return (
    <PageFrame title={settingsMessages.title}>
      <div className="flex max-w-[560px] flex-col gap-6 p-4">
        <Choices name="theme" label={messages.theme} choices={themes.map((value) => [value, messages.themes[value]])} chosen={chosen} />
        <Choices name="density" label={messages.density} choices={densities.map((value) => [value, messages.densities[value]])} chosen={chosen} />
        <Choices name="clock" label={messages.clock} choices={clockFormats.map((value) => [value, messages.clocks[value]])} chosen={chosen} />
        <fieldset>
          <legend className="mb-1 font-semibold">{messages.help}</legend>
          <label className="flex min-h-7 items-center gap-2">
            <input type="checkbox" checked={chosen.singleKeys} onChange={(event) => prefer({ singleKeys: event.target.checked })} className="size-4 accent-accent" />
            {messages.helpSwitch}
          </label>
          <p className="text-text-2">{settingsMessages.singleKeysNote}</p>
        </fieldset>
        <p className="text-text-2">{settingsMessages.note}</p>
      </div>
    </PageFrame>
  );
}

interface ChoicesProps {
  readonly name: 'theme' | 'density' | 'clock';
  readonly label: string;
  readonly choices: readonly (readonly [value: string, label: string])[];
  readonly chosen: Preferences;
}

const Choices = ({ name, label, choices, chosen }: ChoicesProps): ReactElement => (
  <fieldset>
    <legend className="mb-1 font-semibold">{label}</legend>
    <div className="flex flex-wrap gap-x-6">
      {choices.map(([value, word]) => (
        <label key={value} className="flex min-h-7 items-center gap-2">
          <input type="radio" name={name} value={value} checked={chosen[name] === value} onChange={() => prefer({ [name]: value })} className="size-4 accent-accent" />
          {word}
        </label>
      ))}
    </div>
  </fieldset>
);
