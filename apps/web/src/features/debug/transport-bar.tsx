/** The transport: where one stands, how one moves. */
import { ChevronFirst, ChevronLast, Pause, Play, Radio, Rewind, FastForward, SkipBack, SkipForward, StepBack, StepForward } from 'lucide-react';
import { useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { usePreferences } from '../../preferences.ts';
import { amount, duration, preciseTime } from '../../times.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { useStoreValue } from '../../ui/external-store.ts';
import type { CutClock, DebugModel } from './debug-model.ts';
import { LateChip } from './late-chip.tsx';
import { debugMessages } from './messages.ts';
import { speeds } from './transport.ts';
import type { Speed } from './transport.ts';

export const grains = ['event', 'call', 'agent', 'phase', 'same-agent', 'cause'] as const;
export type Grain = (typeof grains)[number];
const grainWords: { readonly [G in Grain]: string } = { event: 'event', call: 'call, start to end', agent: 'agent turn', phase: 'phase', 'same-agent': 'same agent', cause: 'cause and effect' };
const speedWords: { readonly [S in Speed]: string } = { '0.5': '0.5×', '1': '1×', '4': '4×', '16': '16×', original: 'original', max: 'max' };
const icon = { size: 15, 'aria-hidden': true } as const;
const selectClass = 'h-6 rounded border border-line bg-surface-1 px-1';

interface TransportBarProps {
  readonly model: DebugModel;
  readonly grain: Grain;
  readonly onGrain: (grain: Grain) => void;
  readonly placeBox: { current: HTMLInputElement | null };
  /** Gives the focus back to the region whose keys act. */
  readonly onLeave: () => void;
  readonly isLog: boolean;
  readonly onLog: (isLog: boolean) => void;
  readonly clock: CutClock;
  readonly onClock: (clock: CutClock) => void;
}

export function TransportBar({ model, grain, onGrain, placeBox, onLeave, isLog, onLog, clock, onClock }: TransportBarProps): ReactElement {
  const { cursor, notice } = model;
  const transport = useStoreValue(cursor, (value) => value.transport);
  const head = useStoreValue(cursor, (value) => value.head);
  const atStart = useStoreValue(cursor, (value) => value.revision <= 0);
  const atEnd = useStoreValue(cursor, (value) => value.revision >= value.head);
  const speed = useStoreValue(cursor, (value) => value.speed);
  const axis = useStoreValue(cursor, (value) => value.axis);
  const unseen = useStoreValue(cursor, (value) => value.unseen);
  const says = useStoreValue(notice, (value) => value.text);
  const plays = transport.at === 'playing' || transport.at === 'seeking';
  return (
    <div role="toolbar" aria-label={debugMessages.transport} className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-surface-2 px-2">
      <div className="flex items-center">
        <IconButton label={debugMessages.start} keys="0" icon={<ChevronFirst {...icon} />} onClick={() => cursor.jumpTo(1)} disabled={head === 0} />
        <IconButton label={debugMessages.previousMark} keys="{" icon={<SkipBack {...icon} />} onClick={() => void model.toMark(null, true)} />
        <IconButton label={debugMessages.reverse} keys="C" icon={<Rewind {...icon} />} onClick={() => void model.run(true)} />
        <IconButton label={debugMessages.back} keys="," icon={<StepBack {...icon} />} onClick={() => void model.stepBy(grain, true)} disabled={atStart} />
        <IconButton label={plays ? debugMessages.pause : debugMessages.play} keys="Space" icon={plays ? <Pause {...icon} /> : <Play {...icon} />} isPressed={plays} onClick={() => (plays ? model.pause() : model.play())} />
        <IconButton label={debugMessages.step} keys="." icon={<StepForward {...icon} />} onClick={() => void model.stepBy(grain, false)} disabled={atEnd} />
        <IconButton label={debugMessages.continue} keys="c" icon={<FastForward {...icon} />} onClick={() => void model.run(false)} />
        <IconButton label={debugMessages.nextMark} keys="}" icon={<SkipForward {...icon} />} onClick={() => void model.toMark(null, false)} />
        <IconButton label={debugMessages.end} keys="$" icon={<ChevronLast {...icon} />} onClick={() => cursor.jumpTo(head)} />
        <Button kind="quiet" className={classNames('h-7', transport.at === 'live' && 'text-ok')} aria-pressed={transport.at === 'live'} icon={<Radio {...icon} />} onClick={() => model.follow()}>
          {unseen > 0 ? debugMessages.unseen(amount(unseen)) : 'live'}
        </Button>
      </div>
      <select aria-label={debugMessages.stepBy} title={debugMessages.stepBy} value={grain} onChange={(event) => onGrain(event.target.value as Grain)} className={classNames(selectClass, 'w-28 max-column:w-20')}>
        {grains.map((one) => <option key={one} value={one}>{grainWords[one]}</option>)}
      </select>
      <select aria-label={debugMessages.speed} title={debugMessages.speed} value={speed} onChange={(event) => cursor.set({ speed: event.target.value as Speed })} className={classNames(selectClass, 'w-18 max-column:w-15')}>
        {speeds.map((one) => <option key={one} value={one}>{speedWords[one]}</option>)}
      </select>
      <div role="radiogroup" aria-label={debugMessages.axis} className="flex items-center overflow-hidden rounded border border-line">
        {(['revision', 'time', 'active'] as const).map((one) => (
          <button key={one} type="button" role="radio" aria-checked={axis === one} onClick={() => cursor.set({ axis: one, window: null })} className={classNames('h-6 px-2', axis === one ? 'bg-surface-3 font-medium text-text' : 'bg-surface-1 text-text-2 hover:text-text')}>
            {one}
          </button>
        ))}
        <button type="button" aria-pressed={isLog} title={debugMessages.log} onClick={() => onLog(!isLog)} className={classNames('h-6 border-s border-line px-2', isLog ? 'bg-surface-3 text-text' : 'bg-surface-1 text-text-2')}>log</button>
      </div>
      <PlaceBox model={model} placeBox={placeBox} onLeave={onLeave} cut={clock} />
      <div role="radiogroup" aria-label={debugMessages.clock} className="flex items-center overflow-hidden rounded border border-line">
        {(['happened', 'known'] as const).map((one) => (
          <button key={one} type="button" role="radio" aria-checked={clock === one} title={debugMessages[one]} onClick={() => onClock(one)} className={classNames('h-6 px-2', clock === one ? 'bg-surface-3 font-medium text-text' : 'bg-surface-1 text-text-2 hover:text-text')}>
            {one}
          </button>
        ))}
      </div>
      {clock === 'happened' && <LateChip model={model} />}
      <p role="status" className="foreign min-w-0 flex-1 truncate text-text-2" title={says ?? undefined}>
        {transport.at === 'seeking' ? <span className="late">Looking for {transport.what} …</span> : says}
      </p>
    </div>
  );
}

function PlaceBox({ model, placeBox, onLeave, cut }: Pick<TransportBarProps, 'model' | 'placeBox' | 'onLeave'> & { readonly cut: CutClock }): ReactElement {
  const { cursor, rows } = model;
  const revision = useStoreValue(cursor, (value) => value.revision);
  const head = useStoreValue(cursor, (value) => value.head);
  useStoreValue(rows, (value) => value.version);
  const event = useStoreValue(model.place, (value) => value.answer?.event ?? null);
  const { clock } = usePreferences();
  const [typed, setTyped] = useState<string | null>(null);
  // What is wrong with a typed place is forgotten when the cursor moves.
  const [wrongAt, setWrongAt] = useState<number | null>(null);
  const isWrong = wrongAt === revision;
  const first = rows.row(0);
  // A row tells when its event happened; when it was recorded stands on the event alone.
  const here = event?.revision === revision ? (cut === 'known' ? event.recordedAt : event.occurredAt) : cut === 'known' ? undefined : rows.row(rows.indexOf(revision))?.occurredAt;
  const go = async (submitted: FormEvent): Promise<void> => {
    submitted.preventDefault();
    if (typed === null || typed.trim() === '') return setTyped(null);
    if (await model.goTo(typed)) {
      setTyped(null);
      onLeave();
    } else setWrongAt(revision);
  };
  return (
    <form onSubmit={(event_) => void go(event_)} className="flex items-center gap-1.5">
      <label className="flex items-center gap-1.5 text-text-2">
        at
        <input ref={placeBox} aria-label={debugMessages.at} aria-invalid={isWrong} value={typed ?? amount(revision)} onFocus={(focused) => focused.target.select()} onChange={(event_) => {
          setTyped(event_.target.value);
          setWrongAt(null);
        }} onBlur={() => setTyped(null)} onKeyDown={(pressed) => pressed.key === 'Escape' && onLeave()} className="figures h-6 w-20 rounded border border-line bg-surface-1 px-1.5 text-text aria-invalid:border-error" />
      </label>
      <span className="figures whitespace-nowrap text-text-2">/ {amount(head)}</span>
      {here !== undefined && (
        <span className="figures whitespace-nowrap">
          <time dateTime={here}>{preciseTime(here, clock)}</time>
          {cut === 'happened' && first !== undefined && first.revision === 1 && <span className="text-text-2"> (+{duration(Date.parse(here) - Date.parse(first.occurredAt))})</span>}
        </span>
      )}
    </form>
  );
}
