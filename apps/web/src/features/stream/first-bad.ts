/** The answer to "which event began it" in a form of its own: what the operation gives is as free as its evidence. Pure. */
import type { OutputOf } from '@refold/client';

export interface BadEvent {
  readonly eventId: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly at: string;
  readonly severity: string;
  readonly summary: string;
}

export interface Link {
  readonly kind: 'recorded' | 'inferred';
  readonly detail: string;
  readonly from: BadEvent;
  readonly to: BadEvent;
}

export interface FirstBad {
  readonly event: BadEvent;
  /** recorded or inferred: what the edges of its chain rest on. */
  readonly basis: string;
  readonly why: string;
  readonly chain: readonly Link[];
  readonly target: BadEvent | null;
}

/** null when nothing is bad. */
export function firstBadIn({ firstBad, target }: OutputOf<'blame'>): FirstBad | null {
  if (firstBad === null) return null;
  const { event, basis, why, chain } = firstBad;
  const begun = eventIn(event);
  if (begun === null) return null;
  const links = (Array.isArray(chain) ? (chain as readonly { readonly [name: string]: unknown }[]) : []).flatMap((link): readonly Link[] => {
    const [from, to] = [eventIn(link['from']), eventIn(link['to'])];
    return from === null || to === null ? [] : [{ kind: link['kind'] === 'inferred' ? 'inferred' : 'recorded', detail: textIn(link['detail']), from, to }];
  });
  return { event: begun, basis: textIn(basis) || 'recorded', why: textIn(why), chain: links, target: eventIn(target) };
}

function eventIn(value: unknown): BadEvent | null {
  if (typeof value !== 'object' || value === null) return null;
  const { eventId, type, stream, revision, at, severity, summary } = value as { readonly [name: string]: unknown };
  if (typeof eventId !== 'string' || typeof type !== 'string' || typeof revision !== 'number') return null;
  return { eventId, type, stream: textIn(stream), revision, at: textIn(at), severity: textIn(severity), summary: typeof summary === 'string' ? summary : type };
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
