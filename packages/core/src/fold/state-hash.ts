/** The identity of a state: what two folds of the same facts must agree on, however, when and where they were folded. */
import { encodeUtf8, hexOf } from '../log/bytes.ts';
import type { Hasher } from '../ports.ts';
import { canonicalText, stateJsonLimits } from '../trust/canonical.ts';
import type { State } from './aggregate.ts';

/**
 * SHA-256, in hex, of the canonical JSON of the state without `anomalies`, `lastEventId`, `lastEventAt` and `updatedAt`.
 * Source: the unified model 3.3.1, rule 3.
 */
export function stateHash(state: State, hasher: Hasher): string {
  const { anomalies: _anomalies, lastEventId: _lastEventId, lastEventAt: _lastEventAt, updatedAt: _updatedAt, ...facts } = state;
  return hexOf(hasher.sha256(encodeUtf8(canonicalText(facts, { limits: stateJsonLimits }))));
}
