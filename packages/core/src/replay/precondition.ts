/**
 * What must hold before a replay does anything, and again before each thing it does. A condition that does not hold stops
 * the replay before the effect, and the report names it. Source: the unified model 3.4.11 step 3; K-051.
 */
import { compileExpression } from '../expression/expression.ts';
import type { State } from '../fold/aggregate.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { EventPages } from '../query/page.ts';
import { isChain } from './plan.ts';
import type { PlannedStep, ReplayPlan } from './plan.ts';

export interface PreconditionQuestion {
  readonly plan: ReplayPlan;
  readonly replayId: string;
  /** The step that is about to be done. Before the first effect: the first step that has one; null when none has. */
  readonly step: PlannedStep | null;
  /** Scratch state before that step; null when several streams are replayed. */
  readonly state: State | null;
}

export interface PreconditionAnswer {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string | null;
}

export interface Precondition {
  readonly name: string;
  /** True: asked again before each effect. Whatever is dear and cannot change is asked once. */
  readonly isAskedAtEachStep: boolean;
  check(question: PreconditionQuestion): Promise<Omit<PreconditionAnswer, 'name'>> | Omit<PreconditionAnswer, 'name'>;
}

/** Asks in order; all are asked the first time, so that a report is whole. */
export async function askPreconditions(preconditions: readonly Precondition[], question: PreconditionQuestion): Promise<readonly PreconditionAnswer[]> {
  const answers: PreconditionAnswer[] = [];
  for (const { name, check } of preconditions) answers.push({ name, ...(await check(question)) });
  return answers;
}

const holds = { ok: true, detail: null } as const;

/**
 * `stream_unchanged`: nothing was appended to the stream after the planned set, but by this very replay.
 *
 * @param after  Events of a stream behind a revision, in order; without those that stood there when the set was fixed.
 */
export const streamUnchanged = (after: (stream: string, revision: number) => EventPages): Precondition => ({
  name: 'stream_unchanged',
  isAskedAtEachStep: true,
  async check({ plan: { target, toSequence }, replayId }) {
    if (isChain(target)) return { ok: true, detail: 'A chain has no one stream; its set was fixed when it was planned.' };
    for await (const page of after(`${target.type}/${target.id}`, toSequence))
      for (const event of page) if (event.metadata['replayId'] !== replayId) return { ok: false, detail: `${event.type} was appended at revision ${event.revision}.` };
    return holds;
  },
});

/** `chain_valid`: the caller verifies what is replayed. @param fault  What is wrong; null when nothing is. */
export const chainValid = (fault: (plan: ReplayPlan) => Promise<string | null>): Precondition => ({
  name: 'chain_valid',
  isAskedAtEachStep: false,
  async check({ plan }) {
    const found = await fault(plan);
    return found === null ? holds : { ok: false, detail: found };
  },
});

/**
 * `state_matches`: the state before the first event is the one that was recorded, as a checkpoint does.
 *
 * @param hashAt    State hash at a revision of the target.
 * @param expected  The recorded hash; null = none is known, and nothing can be said against the state.
 * @param at        Revision that the recorded hash is of; default the one before the first event.
 */
export const stateMatches = (hashAt: (revision: number) => Promise<string>, expected: string | null, at?: number): Precondition => ({
  name: 'state_matches',
  isAskedAtEachStep: false,
  async check({ plan: { target, fromSequence } }) {
    if (expected === null || isChain(target)) return { ok: true, detail: 'No state hash is recorded there.' };
    const revision = at ?? fromSequence - 1;
    const actual = await hashAt(revision);
    return actual === expected ? holds : { ok: false, detail: `The state at revision ${revision} is ${actual}, recorded was ${expected}.` };
  },
});

/** `git_sha_matches`: the working copy is the one of the recording. */
export const gitShaMatches = (actual: () => Promise<string | null>, expected: string): Precondition => ({
  name: 'git_sha_matches',
  isAskedAtEachStep: false,
  async check() {
    const sha = await actual();
    return sha === expected ? holds : { ok: false, detail: `The working copy is at ${sha ?? 'no commit'}, recorded was ${expected}.` };
  },
});

/** `handler_available`: no event is left out because nobody is there to do it. */
export const handlerAvailable: Precondition = {
  name: 'handler_available',
  isAskedAtEachStep: false,
  check({ plan }) {
    const missing = new Set(plan.steps.flatMap(({ reason, event }) => (reason === 'no_handler' ? [event.type] : [])));
    return missing.size === 0 ? holds : { ok: false, detail: `No handler for ${[...missing].join(', ')}.` };
  },
};

/** `checkpoint_exists`: the place that is recovered from is there. */
export const checkpointExists = (exists: () => Promise<boolean>): Precondition => ({
  name: 'checkpoint_exists',
  isAskedAtEachStep: false,
  async check() {
    return (await exists()) ? holds : { ok: false, detail: 'There is no such checkpoint.' };
  },
});

/**
 * A condition in CEL over the event that is about to be done again and the scratch state before it.
 *
 * @throws LogError BAD_EXPRESSION. What cannot be evaluated does not hold.
 */
export function celPrecondition(source: string, name = source): Precondition {
  const expression = compileExpression(source, { scope: 'debug', result: 'bool' });
  return {
    name,
    isAskedAtEachStep: true,
    check({ step, state }) {
      const event: EventEnvelope | undefined = step?.event;
      const answer = expression.evaluate({ ...(event === undefined ? {} : { event }), state, after: state, previous: state, before: state });
      if (answer.ok) return answer.value ? holds : { ok: false, detail: `${source} is false.` };
      return { ok: false, detail: answer.error.message };
    },
  };
}
