/**
 * The states of a debug session and what may be done in each. Source: the unified model 3.3.3:
 * idle -> running <-> paused, paused -step-> stepping -> paused, running -> completed, any -> stopped; stopped is terminal.
 */
import { LogError } from '../errors.ts';

/** error: the last move failed (a fold that throws, a log that cannot be read); the session stands where it stood. */
export type DebugState = 'idle' | 'running' | 'paused' | 'stepping' | 'completed' | 'stopped' | 'error';

export type DebugControl = 'start' | 'step' | 'stepBack' | 'resume' | 'reverse' | 'goTo' | 'runTo' | 'restart' | 'pause' | 'stop';

const standing = ['step', 'stepBack', 'resume', 'reverse', 'goTo', 'runTo', 'restart', 'pause', 'stop'] as const;

/** Completed: the last event was applied and the run went past it; there is no step further, but back. */
const allowedIn: { readonly [state in DebugState]: readonly DebugControl[] } = {
  idle: ['start', 'stop'],
  running: ['pause', 'stop'],
  stepping: ['pause', 'stop'],
  paused: standing,
  error: standing,
  completed: ['stepBack', 'reverse', 'goTo', 'runTo', 'restart', 'stop'],
  stopped: [],
};

export const allowedControls = (state: DebugState): readonly DebugControl[] => allowedIn[state];

/** @throws LogError BAD_DEBUG_STATE {state, allowed} (bad-input N2). */
export function refuseControl(state: DebugState, control: DebugControl): void {
  const allowed = allowedIn[state];
  if (allowed.includes(control)) return;
  throw new LogError('BAD_DEBUG_STATE', `A session that is ${state} cannot ${verbs[control]}.`, {
    details: { state, control, allowed },
    hint: allowed.length === 0 ? 'Start a new session.' : `Now it can ${allowed.map((name) => verbs[name]).join(', ')}.`,
  });
}

const verbs: { readonly [control in DebugControl]: string } = {
  start: 'start',
  step: 'step',
  stepBack: 'step back',
  resume: 'resume',
  reverse: 'run backward',
  goTo: 'go to a place',
  runTo: 'run to a place',
  restart: 'restart',
  pause: 'pause',
  stop: 'stop',
};
