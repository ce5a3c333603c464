/** The inferred links: what an event may have come from although nobody recorded it. */
import type { EventEnvelope } from '../log/event.ts';
import { cheaper, inferred, wantOf } from './ancestor.ts';
import type { Ancestor, InferredReason, Want } from './ancestor.ts';
import { valuesThatTell } from './data-flow.ts';
import type { EntityNode } from './entity-tree.ts';
import type { Survey } from './survey.ts';

export interface Guesses {
  add(event: EventEnvelope, ancestor: Ancestor): void;
  take(event: EventEnvelope): Want | null;
  isEmpty(): boolean;
}

/** Values that are looked for at once; those of earlier ancestors stay. */
const valuesMax = 4_096;

/** Each guess is answered once, by the nearest event before; where that one got it from is asked on its behalf. */
export function createGuesses({ tree, bad }: Survey): Guesses {
  const wrongInside = new Map<EntityNode, Want>();
  const endedInside = new Map<EntityNode, Want>();
  const previous = new Map<EntityNode, Want>();
  const agents = new Map<string, Want>();
  const values = new Map<string, { readonly want: Want; readonly entity: EntityNode | null }>();

  function take<K>(guessed: Map<K, Want>, key: K): Want | null {
    const want = guessed.get(key) ?? null;
    guessed.delete(key);
    return want;
  }

  function takeInside(event: EventEnvelope, node: EntityNode): Want | null {
    let best: Want | null = null;
    if (bad.has(event.revision)) for (let around = node.parent; around !== null; around = around.parent) best = cheaper(best, take(wrongInside, around));
    const hasEnded = node.parent !== null && !node.isOpen && (node.start ?? node.first).eventId !== event.id;
    return hasEnded ? cheaper(best, take(endedInside, node.parent)) : best;
  }

  function takeValue(event: EventEnvelope, node: EntityNode | null): Want | null {
    let best: Want | null = null;
    if (values.size === 0 || event.severity === 'DEBUG' || event.severity === 'TRACE') return null;
    for (const { value } of valuesThatTell(event.data, tree.knows)) {
      const known = values.get(value);
      if (known === undefined || (node !== null && known.entity === node)) continue;
      best = cheaper(best, known.want);
      values.delete(value);
    }
    return best;
  }

  return {
    add(event, ancestor) {
      const node = tree.of(event);
      const guess = (reason: InferredReason, strength: number, detail: string): Want => wantOf(ancestor, inferred(reason, strength, detail));
      if (node !== null) {
        if (bad.has(event.revision) && !wrongInside.has(node)) wrongInside.set(node, guess('inside', 0.5, `went wrong inside the ${node.type}`));
        if (event.causationId === undefined && (node.start ?? node.first).eventId !== event.id && !endedInside.has(node)) endedInside.set(node, guess('inside', 0.2, `ended last inside the ${node.type}`));
        // The stream itself is touched by everything; the event before on it says nothing.
        if (node.parent !== null) previous.set(node, guess('previous', 0.4, `stood before it on the same ${node.type}`));
      }
      if (event.agent !== undefined && !agents.has(event.agent)) agents.set(event.agent, guess('agent', 0.3, `set ${event.agent} to work`));
      for (const { value, strength, shown } of valuesThatTell(event.data, tree.knows))
        if (values.size < valuesMax && !values.has(value)) values.set(value, { entity: node, want: guess('data', strength, `${shown} stands in both`) });
    },
    take(event) {
      const node = tree.of(event);
      const inside = node === null ? null : cheaper(take(previous, node), takeInside(event, node));
      const setToWork = event.agent !== undefined && node?.start?.eventId === event.id ? take(agents, event.agent) : null;
      return cheaper(cheaper(inside, setToWork), takeValue(event, node));
    },
    isEmpty: () => wrongInside.size + endedInside.size + previous.size + agents.size + values.size === 0,
  };
}
