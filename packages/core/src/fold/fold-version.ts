/**
 * Which fold made this state? A snapshot made by another one is ignored, so the text has to change when the aggregate's
 * version, a part's, the set of its types or the version of one of their schemas does: `job@1.2.0+9f3c…`.
 */
import type { Registry } from '../schema/registry.ts';
import { firstSchemaVersion } from '../schema/upcast.ts';
import { customStateVersion } from './custom-state.ts';

/** Version of the rules in fold.ts and verdict.ts. */
const foldRulesVersion = '1.0.0';

export function createFoldVersions(registry: Registry): (streamType: string) => string {
  const known = new Map<string, string>();
  return (streamType) => {
    let version = known.get(streamType);
    if (version === undefined) known.set(streamType, (version = foldVersion(registry, streamType)));
    return version;
  };
}

function foldVersion(registry: Registry, streamType: string): string {
  const aggregate = registry.aggregate(streamType);
  if (aggregate === null) return `generic@${customStateVersion}+${fingerprint(foldRulesVersion)}`;
  const parts = (aggregate.parts ?? []).map(({ name, version }) => `${name}@${version}`);
  const types = [aggregate, ...(aggregate.parts ?? [])].flatMap(({ events }) => Object.entries(events));
  const others = aggregate.otherwise === undefined ? [] : ['otherwise'];
  const schemas = types.map(([type, { schemaVersion = firstSchemaVersion }]) => `${type}@${schemaVersion}`);
  return `${aggregate.type}@${aggregate.version}+${fingerprint([foldRulesVersion, ...parts, ...others, ...schemas].toSorted().join('\n'))}`;
}

/** FNV-1a, 64 bits, in hex: tells versions of honest code apart; it need not withstand an attacker. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
