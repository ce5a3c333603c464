import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Recorded } from '../log/driver.ts';
import type { Hasher } from '../ports.ts';
import { encodeBody } from './body.ts';
import { canonicalText } from './canonical.ts';
import { createLinker, leafFieldsOf, leafHash, leafText } from './leaf.ts';
import { verifyRecords, verifyStream } from './verify.ts';
import type { FindingCode, VerifyOptions, VerifyReport } from './verify.ts';

const hasher: Hasher = {
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
};
const origin = 'audit.test/log';
const linker = createLinker({ origin, hasher });

type Mutable = { -readonly [K in keyof Recorded]: Recorded[K] };
interface Fact {
  readonly stream: string;
  readonly type?: string;
  readonly data?: unknown;
}

const facts: readonly Fact[] = [
  { stream: 'job/1', data: { approved: false, 'odd "key"\\': 1 } },
  { stream: 'job/2' },
  { stream: 'job/1', data: { n: 2 } },
  { stream: 'job/1', data: { n: 3, text: 'é\u0000' } },
  { stream: 'job/2', data: {} },
  { stream: 'job/1', data: { n: 4 } },
];

const bodyOf = (data: unknown, salt = 7): Uint8Array =>
  encodeBody({ actor: 'agent:a', schema: '1.0.0', payload: canonicalText(data), metadata: canonicalText({ occurredAt: '2026-01-01T00:00:00.000Z' }), salts: [new Uint8Array(32).fill(salt), new Uint8Array(32).fill(salt + 1)] });

const idOf = (position: number): string => `019352a0-0000-7000-8000-${String(position).padStart(12, '0')}`;

/** A log as a linking driver records it: one event per commit. */
function record(list: readonly Fact[]): Mutable[] {
  const records = list.map(
    ({ stream, type, data }, index): Mutable => ({
      id: idOf(index + 1),
      stream,
      type: type ?? 'job.changed',
      tags: [],
      body: bodyOf(data ?? { index }),
      position: index + 1,
      revision: list.slice(0, index + 1).filter((fact) => fact.stream === stream).length,
      commit: `c${index + 1}`,
      index: 0,
      recordedAt: new Date(1_800_000_000_000 + index).toISOString(),
    }),
  );
  return rechain(records);
}

/** What an attacker who can write everything does after a change: all leaves and links are made to fit again. */
function rechain(records: Mutable[]): Mutable[] {
  const leaves = new Map<string, Uint8Array>();
  for (const event of records) {
    const previous = leaves.get(event.stream);
    if (previous === undefined) delete event.previousLeaf;
    else event.previousLeaf = previous;
    event.leaf = linker.link(event, previous ?? null);
    leaves.set(event.stream, event.leaf);
  }
  return records;
}

function renumber(records: Mutable[]): Mutable[] {
  const revisions = new Map<string, number>();
  for (const [index, event] of records.entries()) {
    event.position = index + 1;
    event.revision = (revisions.get(event.stream) ?? 0) + 1;
    revisions.set(event.stream, event.revision);
  }
  return records;
}

const check = (records: readonly Recorded[], options: Partial<VerifyOptions> = {}): Promise<VerifyReport> => verifyRecords([records.slice(0, 3), records.slice(3)], { origin, hasher, ...options });
const codes = (report: VerifyReport): readonly FindingCode[] => [...new Set(report.findings.map((finding) => finding.code))];
const places = (report: VerifyReport): readonly string[] => report.findings.map((finding) => `${finding.code}@${finding.position}`);

describe('the memory of a verification', () => {
  it('keeps nothing of a page once the next is asked for: the bytes may be gone by then', async () => {
    const records = record(facts);
    const expected = await verifyRecords([record(facts)], { origin, hasher });

    async function* fading(): AsyncGenerator<readonly Recorded[]> {
      for (const event of records) {
        const page = { ...event, leaf: event.leaf!.slice(), ...(event.previousLeaf === undefined ? {} : { previousLeaf: event.previousLeaf.slice() }) };
        yield [page];
        page.leaf.fill(0);
        page.body.fill(0);
      }
    }

    expect(await verifyRecords(fading(), { origin, hasher })).toEqual(expected);
    expect(expected.ok).toBe(true);
  });
});

describe('verifying an untouched log', () => {
  it('finds nothing, and says that nothing is sealed (A-150)', async () => {
    const report = await check(record(facts));
    expect(report).toMatchObject({ ok: true, checked: 6, streams: 2, findings: [], firstBadPosition: null, notChecked: [{ kind: 'unsealed', count: 6 }] });
    expect(report.tree?.size).toBe(6);
  });

  it('counts as unsealed only what stands above the newest tree head', async () => {
    const half = await check(record(facts.slice(0, 4)));
    const report = await check(record(facts), { heads: [half.tree!] });
    expect(report).toMatchObject({ ok: true, notChecked: [{ kind: 'unsealed', count: 2 }] });
    expect((await check(record(facts), { heads: [report.tree!] })).notChecked).toEqual([]);
  });

  it('takes an empty log', async () => {
    expect(await check([])).toMatchObject({ ok: true, checked: 0, tree: { size: 0 } });
  });

  it('checks one stream alone, from its beginning or from a revision on', async () => {
    const stream = record(facts).filter((event) => event.stream === 'job/1');
    expect(await verifyStream([stream], { origin, hasher })).toMatchObject({ ok: true, checked: 4, tree: null });
    expect(await verifyStream([stream.slice(2)], { origin, hasher, after: 2 })).toMatchObject({ ok: true, checked: 2, notChecked: [{ kind: 'predecessor', count: 1 }, { kind: 'unsealed', count: 2 }] });
    expect(codes(await verifyStream([stream.slice(2)], { origin, hasher }))).toContain('REVISION_MISSING');
  });

  it('checks a log from a position on, and says which links it took on trust', async () => {
    expect(await check(record(facts).slice(2), { after: 2 })).toMatchObject({ ok: true, tree: null, notChecked: [{ kind: 'predecessor', count: 2 }, { kind: 'unsealed', count: 4 }] });
  });

  it('says so when no leaves are stored', async () => {
    const records = record(facts).map(({ leaf: _leaf, previousLeaf: _previousLeaf, ...rest }) => rest);
    const report = await check(records);
    expect(report).toMatchObject({ ok: true, notChecked: [{ kind: 'unlinked', count: 6 }, { kind: 'unsealed', count: 6 }] });
    expect(report.tree).toEqual((await check(record(facts))).tree);
  });
});

describe('attacks by somebody with full write access (TRUST.md section 6)', () => {
  const given = (change: (records: Mutable[]) => Mutable[] | void): Mutable[] => {
    const records = record(facts);
    return change(records) ?? records;
  };
  const head = async (): Promise<NonNullable<VerifyReport['tree']>> => (await check(record(facts))).tree!;

  it('edit payload bytes: PAYLOAD', async () => {
    const report = await check(given((records) => { records[2]!.body = bodyOf({ n: 99 }); }));
    expect(places(report)).toEqual(['PAYLOAD@3']);
    expect(report.firstBadPosition).toBe(3);
    expect(report.findings[0]).toMatchObject({ stream: 'job/1', revision: 2, eventId: idOf(3) });
  });

  it('edit payload and fix the commitment: CHAIN at the next event of the stream', async () => {
    const report = await check(given((records) => {
      records[2]!.body = bodyOf({ n: 99 });
      records[2]!.leaf = linker.link(records[2]!, records[2]!.previousLeaf!);
    }));
    expect(places(report)).toEqual(['CHAIN@4']);
  });

  it('another salt: PAYLOAD', async () => {
    expect(places(await check(given((records) => { records[2]!.body = bodyOf({ n: 2 }, 9); })))).toEqual(['PAYLOAD@3']);
  });

  it('erase a payload without an erasure event: PAYLOAD_MISSING', async () => {
    const report = await check(given((records) => {
      records[2]!.body = linker.remainder(records[2]!);
      records[2]!.forgotten = true;
    }));
    expect(places(report)).toEqual(['PAYLOAD_MISSING@3']);
    expect(places(await check(given((records) => { records[2]!.body = new Uint8Array(); })))).toEqual(['PAYLOAD_MISSING@3']);
  });

  it('erase a payload with an erasure event: no finding, and the gap is told (bad-input L18)', async () => {
    for (const targets of [[{ eventId: idOf(3) }], [{ event_id: idOf(3) }], [idOf(3)]]) {
      const records = record([...facts, { stream: 'store/log', type: 'payload.erased', data: { targets, reason: 'GDPR 17' } }]);
      const before = (await check(records)).tree;
      records[2]!.body = linker.remainder(records[2]!);
      records[2]!.forgotten = true;
      const report = await check(records);
      expect(report).toMatchObject({ ok: true, notChecked: [{ kind: 'erased_payload', count: 1 }, { kind: 'unsealed', count: 7 }] });
      expect(report.tree).toEqual(before);
      const stream = records.filter((event) => event.stream === 'job/1');
      expect((await verifyStream([stream], { origin, hasher })).notChecked).toContainEqual({ kind: 'covering_erasure', count: 1 });
    }
  });

  const rewrites: readonly (readonly [string, (records: Mutable[]) => Mutable[] | void])[] = [
    ['edit and recompute all later hashes', (records) => { records[2]!.body = bodyOf({ n: 99 }); return rechain(records); }],
    ['change a time, rechain', (records) => { records[5]!.recordedAt = '2030-01-01T00:00:00.000Z'; return rechain(records); }],
    ['delete a middle event, renumber, rechain', (records) => rechain(renumber(records.filter((_, index) => index !== 2)))],
    ['insert a forged event, rechain', (records) => rechain(renumber([...records.slice(0, 3), { ...records[2]!, id: idOf(99), commit: 'forged', body: bodyOf({ forged: true }) }, ...records.slice(3)]))],
    ['swap two events, rechain', (records) => {
      const [a, b] = [records[2]!, records[3]!];
      [records[2], records[3]] = [{ ...b, recordedAt: a.recordedAt }, { ...a, recordedAt: b.recordedAt }];
      return rechain(renumber(records));
    }],
  ];

  it.each(rewrites)('%s: a chain alone cannot tell, and everything is called unsealed', async (_name, change) => {
    const records = given(change);
    expect(await check(records)).toMatchObject({ ok: true, notChecked: [{ kind: 'unsealed', count: records.length }] });
  });

  it.each(rewrites)('%s: found by an own tree head', async (_name, change) => {
    const report = await check(given(change), { heads: [await head()] });
    expect(codes(report)).toEqual([given(change).length < facts.length ? 'TRUNCATED' : 'ROOT']);
  });

  it('cut the tail: undetected by the chain, TRUNCATED by an own tree head', async () => {
    const cut = record(facts).slice(0, 4);
    expect((await check(cut)).ok).toBe(true);
    expect(codes(await check(cut, { heads: [await head()] }))).toEqual(['TRUNCATED']);
  });

  it('drop events appended after the last head: undetected, also by an own head', async () => {
    const sealed = (await check(record(facts.slice(0, 4)))).tree!;
    expect(await check(record(facts).slice(0, 5), { heads: [sealed] })).toMatchObject({ ok: true, notChecked: [{ kind: 'unsealed', count: 1 }] });
  });
});

describe('damage without rechaining', () => {
  const damaged = async (change: (records: Mutable[]) => Mutable[] | void): Promise<VerifyReport> => {
    const records = record(facts);
    return check(change(records) ?? records);
  };

  it('names the first bad event when a line is dropped (A-150)', async () => {
    const report = await damaged((records) => records.filter((_, index) => index !== 2));
    expect(codes(report)).toEqual(['ORDER', 'REVISION_MISSING', 'CHAIN']);
    expect(report.firstBadPosition).toBe(4);
  });

  it('names the first bad event when two lines are swapped (A-150)', async () => {
    const report = await damaged((records) => [records[0]!, records[1]!, records[3]!, records[2]!, ...records.slice(4)]);
    expect(codes(report)).toEqual(expect.arrayContaining(['ORDER', 'REVISION_MISSING', 'REVISION_DUPLICATE']));
    expect(report.firstBadPosition).toBe(3);
  });

  it('finds an event that stands twice', async () => {
    expect(codes(await damaged((records) => [...records.slice(0, 3), records[2]!, ...records.slice(3)]))).toEqual(expect.arrayContaining(['ORDER', 'REVISION_DUPLICATE']));
  });

  it.each<[string, (event: Mutable) => void, FindingCode]>([
    ['a time that goes back', (event) => { event.recordedAt = '2020-01-01T00:00:00.000Z'; event.leaf = linker.link(event, event.previousLeaf ?? null); }, 'ORDER'],
    ['a time in another form', (event) => { event.recordedAt = 'yesterday'; }, 'ORDER'],
    ['an index that skips', (event) => { event.index = 3; }, 'ORDER'],
    ['another type', (event) => { event.type = 'job.forged'; }, 'PAYLOAD'],
    ['another id', (event) => { event.id = idOf(77); }, 'PAYLOAD'],
    ['a link that is damaged', (event) => { event.previousLeaf = new Uint8Array(32); }, 'CHAIN'],
    ['a link that is absent', (event) => { delete event.previousLeaf; }, 'CHAIN'],
    ['a body that is no body', (event) => { event.body = new TextEncoder().encode('{"actor":"x"}'); }, 'PAYLOAD'],
  ])('finds %s', async (_name, change, code) => {
    const report = await damaged((records) => change(records[2]!));
    expect(codes(report)).toContain(code);
    expect(report.firstBadPosition).toBe(3);
  });

  it('finds a damaged link without blaming the payload', async () => {
    expect(places(await damaged((records) => { records[2]!.previousLeaf = new Uint8Array(32); }))).toEqual(['CHAIN@3']);
  });

  it('finds bytes whose leaf fits but that are not canonical', async () => {
    const report = await damaged((records) => {
      const loose = new TextDecoder().decode(bodyOf({ a: 1, b: 2 })).replace('{"a":1,"b":2}', '{"b":2,"a":1}');
      records[5]!.body = new TextEncoder().encode(loose);
      return rechain(records);
    });
    expect(places(report)).toEqual(['INVALID_JSON@6']);
  });

  it('counts every finding and keeps a bounded number', async () => {
    const records = record(facts).map((event) => ({ ...event, body: bodyOf('changed') }));
    expect(await check(records, { findingsMax: 2 })).toMatchObject({ findingsTotal: 6, findings: [{ position: 1 }, { position: 2 }] });
  });

  it('finds any flipped bit in a body, a stored leaf or a link, at its place', async () => {
    const fields = fc.constantFrom('body' as const, 'leaf' as const, 'previousLeaf' as const);
    await fc.assert(
      fc.asyncProperty(fc.nat(facts.length - 1), fields, fc.nat(), async (at, field, seed) => {
        const records = record(facts);
        const event = records[at]!;
        const bytes = event[field]?.slice();
        if (bytes === undefined) return;
        const bit = seed % (bytes.length * 8);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        event[field] = bytes;
        const report = await check(records);
        expect(report.ok).toBe(false);
        expect(report.firstBadPosition).toBe(at + 1);
      }),
      { numRuns: 400 },
    );
  });
});

it('rests on a leaf that a stranger can recompute from its eleven lines', () => {
  const event = record(facts)[3]!;
  expect(leafHash(hasher, leafText(leafFieldsOf(hasher, origin, event)))).toEqual(event.leaf);
});
