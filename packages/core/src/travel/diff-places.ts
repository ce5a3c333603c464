/** What changed between two places, of one stream or of two. */
import { diff } from '../fold/diff.ts';
import type { Patch } from '../fold/diff.ts';
import { absent, valueAt } from '../fold/pointer.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import { factsOf } from './facts.ts';
import { reconstruct } from './reconstruct.ts';
import type { Reconstruction, TravelParts } from './reconstruct.ts';

export type PlaceInStream = StreamAddress & { readonly place: Place };

export interface PlacesDiff {
  readonly from: Omit<Reconstruction, 'state'>;
  readonly to: Omit<Reconstruction, 'state'>;
  /** Applied in order to what is at `pointer` in the first state, they give what is there in the second. */
  readonly patches: readonly Patch[];
}

export interface DiffPlacesOptions {
  /** Only what is below this JSON pointer. Default: the whole state without its bookkeeping (revision, last event, count). */
  readonly pointer?: string;
}

/** @throws LogError as `reconstruct`, for either place; BAD_REQUEST `path` for a pointer that is none. */
export async function diffPlaces(parts: TravelParts, from: PlaceInStream, to: PlaceInStream, options: DiffPlacesOptions = {}): Promise<PlacesDiff> {
  const { state: before, ...fromView } = await reconstruct(parts, from, from.place);
  const { state: after, ...toView } = await reconstruct(parts, to, to.place);
  const { pointer = '' } = options;
  const part = (value: unknown): unknown => (value === absent ? undefined : value);
  const patches = pointer === '' ? diff(factsOf(before), factsOf(after)) : diff({ value: part(valueAt(before, pointer)) }, { value: part(valueAt(after, pointer)) });
  return { from: fromView, to: toView, patches: pointer === '' ? patches : patches.map((patch) => ({ ...patch, path: pointer + patch.path.slice('/value'.length) })) };
}
