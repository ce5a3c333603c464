/** The keyboard of the debugger: everything that the mouse can do. */
import type { Binding } from '../../shortcuts/shortcuts.ts';
import type { DebugModel } from './debug-model.ts';
import type { Drawer, Pane } from './debug-search.ts';
import { watchExpressionOf } from './pointer-text.ts';

export interface KeyParts {
  readonly model: DebugModel;
  readonly pane: Pane;
  readonly drawer: Drawer | null;
  readonly onPane: (pane: Pane) => void;
  readonly onDrawer: (drawer: Drawer | null) => void;
  readonly onFork: () => void;
  readonly onBase: (base: string) => void;
  readonly onClock: () => void;
  readonly focusPlace: () => void;
  readonly focusList: () => void;
  readonly focusBreakpoint: () => void;
}

export function debugKeys({ model, pane, drawer, onPane, onDrawer, onFork, onBase, onClock, focusPlace, focusList, focusBreakpoint }: KeyParts): readonly Binding[] {
  const { cursor } = model;
  const event = () => model.place.get().answer?.event ?? null;
  const toggle = (): void => {
    const type = event()?.type;
    if (type === undefined) return;
    const known = model.session.get().breakpoints.find(({ eventType, condition }) => eventType === type && condition === null);
    void (known === undefined ? model.session.addBreakpoint({ eventType: type }) : model.session.removeBreakpoint(known.id));
  };
  const axes = ['revision', 'time', 'active'] as const;
  return [
    { keys: '. | Right', says: 'Step forward', run: () => model.step(1) },
    { keys: ', | Left', says: 'Step back', run: () => model.step(-1) },
    { keys: '>', says: 'Next event of the same agent', run: () => void model.toSameAgent(false) },
    { keys: '<', says: 'Previous event of the same agent', run: () => void model.toSameAgent(true) },
    { keys: '}', says: 'Next phase', run: () => void model.toMark('phase', false) },
    { keys: '{', says: 'Previous phase', run: () => void model.toMark('phase', true) },
    { keys: ']', says: 'Next checkpoint', run: () => void model.toMark('checkpoint', false) },
    { keys: '[', says: 'Previous checkpoint', run: () => void model.toMark('checkpoint', true) },
    { keys: 'n', says: 'Next error', run: () => void model.seek({ minSeverity: 'ERROR' }, false, 'error') },
    { keys: 'N', says: 'Previous error', run: () => void model.seek({ minSeverity: 'ERROR' }, true, 'error') },
    { keys: 'c', says: 'Run to the next breakpoint', run: () => void model.run(false) },
    { keys: 'C', says: 'Run back to the breakpoint before', run: () => void model.run(true) },
    { keys: 'i', says: 'First effect', run: () => void model.toEffect() },
    { keys: 'u', says: 'Cause', run: () => model.toCause() },
    { keys: 'Space', says: 'Play or pause', run: () => (cursor.get().transport.at === 'playing' || cursor.get().transport.at === 'seeking' ? model.pause() : model.play()) },
    { keys: 'l', says: 'Follow the end', run: () => model.follow() },
    { keys: '0', says: 'To the first event', run: () => cursor.jumpTo(1) },
    { keys: '$', says: 'To the newest event', run: () => cursor.jumpTo(cursor.get().head) },
    { keys: '!', says: 'To the first bad event', run: () => void model.goTo('first-bad') },
    { keys: ':', says: 'Type a place', run: focusPlace },
    { keys: 'b', says: 'Breakpoint at this event type', run: toggle },
    { keys: 'B', says: 'Conditional breakpoint', run: focusBreakpoint },
    { keys: 'w', says: 'Watch the value in focus', run: () => {
      const { path } = model.place.get();
      if (path === null) model.notice.set({ text: 'Choose a value of the state first.' });
      else void model.session.addWatch(watchExpressionOf(path)).then((isAdded) => isAdded && onPane('watch'));
    } },
    { keys: 'd', says: 'State or diff', run: () => onPane(pane === 'diff' ? 'state' : 'diff') },
    { keys: 'p', says: 'Take the diff against this place', run: () => {
      onBase(String(cursor.get().revision));
      model.notice.set({ text: `The diff is now taken against event ${cursor.get().revision}.` });
    } },
    { keys: 'm', says: 'Bookmark this place, or forget it', run: () => void model.toggleBookmark() },
    { keys: 'h', says: 'Cut at what had happened, or at what was known', run: onClock },
    { keys: 't', says: 'Next axis', run: () => cursor.set({ axis: axes[(axes.indexOf(cursor.get().axis) + 1) % axes.length]!, window: null }) },
    { keys: '`', says: 'Console', run: () => onDrawer(drawer === 'console' ? null : 'console') },
    { keys: 'X', says: 'What if', run: onFork },
    { keys: 'e', says: 'To the list of events', run: focusList },
    { keys: 'Alt+Left', says: 'Back to the place before', run: () => void cursor.walk(-1), isActive: cursor.get().jump > 0 },
    { keys: 'Alt+Right', says: 'Forward again', run: () => void cursor.walk(1), isActive: cursor.get().jump < cursor.get().jumps.length - 1 },
    { keys: 'Escape', says: 'Close the drawer', run: () => onDrawer(null), isActive: drawer !== null },
  ];
}
