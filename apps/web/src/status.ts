/** Words for what a run, a step, an agent or an event came to, each with its tone: shape, colour and word say the same. */
import type { Tone } from './ui/status-glyph.tsx';

const tones: { readonly [status: string]: Tone } = {
  completed: 'ok', succeeded: 'ok', done: 'ok', passed: 'ok', resolved: 'ok', merged: 'ok', ok: 'ok', healthy: 'ok', ended: 'ok', deployed: 'ok', approved: 'ok', active: 'running',
  running: 'running', in_progress: 'running', started: 'running', spawned: 'running', open: 'running', working: 'running', executing: 'running', resumed: 'running',
  pending: 'waiting', received: 'waiting', queued: 'waiting', created: 'waiting', planned: 'waiting', idle: 'waiting', new: 'waiting',
  blocked: 'warn', paused: 'warn', waiting: 'warn', degraded: 'warn', escalated: 'warn', warning: 'warn', timed_out: 'error', interrupted: 'warn', suspended: 'warn',
  failed: 'error', error: 'error', errored: 'error', rejected: 'error', denied: 'error', unhealthy: 'error', aborted: 'error',
  critical: 'critical', fatal: 'critical',
  cancelled: 'cancelled', canceled: 'cancelled', skipped: 'cancelled', stopped: 'cancelled', abandoned: 'cancelled', deleted: 'cancelled', archived: 'cancelled',
  tampered: 'tampered', broken: 'tampered',
};

export const toneOf = (status: string | null | undefined): Tone => tones[(status ?? '').toLowerCase().replaceAll(/[\s-]/g, '_')] ?? 'unknown';

/** `in_progress` as people write it. */
export const wordOf = (status: string | null | undefined): string => (status === null || status === undefined || status === '' ? 'unknown' : status.replaceAll('_', ' ').toLowerCase());

const severityTones: { readonly [severity: string]: Tone } = { DEBUG: 'quiet', INFO: 'quiet', WARN: 'warn', WARNING: 'warn', ERROR: 'error', CRITICAL: 'critical', FATAL: 'critical' };
export const toneOfSeverity = (severity: string | null | undefined): Tone => severityTones[(severity ?? '').toUpperCase()] ?? 'quiet';

const isOver: ReadonlySet<Tone> = new Set(['ok', 'error', 'critical', 'cancelled']);
export const hasEnded = (status: string | null | undefined): boolean => isOver.has(toneOf(status));
