/** The whole suite, in the order of the contract (EVENT-LOG: groups A to M, and N to P for what the port got since). */
import { agreementCases } from './agreement.ts';
import { appendCases } from './append.ts';
import type { ConformanceCase } from './case.ts';
import { checkCases } from './checks.ts';
import { durabilityCases } from './durability.ts';
import { servedNeeds } from './fixture.ts';
import type { Fixture, Harm, Need } from './fixture.ts';
import { forgetCases } from './forget.ts';
import { idempotencyCases } from './idempotency.ts';
import { isolationCases } from './isolation.ts';
import { kvCases } from './kv.ts';
import { limitCases } from './limits.ts';
import { linkingCases } from './linking.ts';
import { lookupCases } from './lookups.ts';
import { orderCases } from './order.ts';
import { queryCheckCases } from './query-checks.ts';
import { readCases } from './read.ts';
import { watchCases } from './watch.ts';

export const conformanceCases: readonly ConformanceCase[] = [
  ...appendCases,
  ...checkCases,
  ...queryCheckCases,
  ...idempotencyCases,
  ...orderCases,
  ...readCases,
  ...watchCases,
  ...kvCases,
  ...limitCases,
  ...durabilityCases,
  ...isolationCases,
  ...forgetCases,
  ...linkingCases,
  ...lookupCases,
  ...agreementCases,
];

export const conformanceCaseIds: readonly string[] = conformanceCases.map((testCase) => testCase.id);

/** Numbers of the contract that no driver-neutral case can show, and who shows them. */
export const casesElsewhere: Readonly<Record<string, string>> = {
  F74: 'EXPLAIN of the real query is a test of each SQL driver',
  M115: 'the version gate is a test of each driver that has a format on disk',
  M116: 'the schema upgrade is a test of each driver that has a format on disk',
  M117: 'export and import are operations above the port',
};

/** The cases that a driver with these capabilities has to pass. */
export function casesFor(fixture: Fixture): readonly ConformanceCase[] {
  const served = servedNeeds(fixture.capabilities);
  return conformanceCases.filter(({ needs = [] }) => needs.every((need) => served.has(need) && impossibility(fixture, need) === null));
}

/** Cases that the capabilities call for and the engine cannot have, each with the fixture's reason. */
export function impossibleCases(fixture: Fixture): readonly { readonly id: string; readonly reason: string }[] {
  const served = servedNeeds(fixture.capabilities);
  return conformanceCases.flatMap(({ id, needs = [] }) => {
    if (!needs.every((need) => served.has(need))) return [];
    const reason = needs.map((need) => impossibility(fixture, need)).find((found) => found !== null);
    return reason === undefined || reason === null ? [] : [{ id, reason }];
  });
}

function impossibility(fixture: Fixture, need: Need): string | null {
  const hook = fixture.harm?.[need as keyof Harm];
  return typeof hook === 'object' ? hook.impossible : null;
}
