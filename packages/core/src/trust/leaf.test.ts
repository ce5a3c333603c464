import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLogError } from '../errors.ts';
import type { Recorded } from '../log/driver.ts';
import type { Hasher } from '../ports.ts';
import { base64Of, bytesOfBase64 } from './base64.ts';
import { contentBytesOf, decodeBody, encodeBody, sliceBody } from './body.ts';
import { canonicalText } from './canonical.ts';
import { commitmentsOf, createLinker, leafFieldsOf, leafHash, leafText } from './leaf.ts';
import { parseJson } from './parse-json.ts';
import { formatNote, formatTreeHead, parseNote, parseTreeHead } from './note.ts';
import { rootOfLeaves } from './tree.ts';

const hasher: Hasher = {
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
};
const origin = 'vector.example/refold';
const salt = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function recorded(over: Partial<Recorded>, data: unknown, metadata: unknown, actor: string, salts: [number, number]): Recorded {
  return {
    id: '',
    stream: 'job/42',
    type: 'job.started',
    tags: [],
    body: encodeBody({ actor, schema: '1', payload: canonicalText(data), metadata: canonicalText(metadata), salts: [salt(salts[0]), salt(salts[1])] }),
    position: 1,
    revision: 1,
    commit: 'c',
    index: 0,
    recordedAt: '2026-11-20T10:00:00.000Z',
    ...over,
  };
}

const first = recorded(
  { id: '019352a0-0000-7000-8000-000000000001' },
  { n: 1, b: 'é\u0000', a: [1e-7, -0, true, null] },
  { correlationId: 'c-1', occurredAt: '2026-11-20T09:59:59.500Z' },
  'agent:coder-1',
  [1, 2],
);
const second = recorded(
  { id: '019352a0-0001-7000-8000-000000000002', type: 'job.completed', revision: 2, position: 2, recordedAt: '2026-11-20T10:00:00.001Z' },
  { approved: true },
  { correlationId: 'c-1', occurredAt: '2026-11-20T10:00:00.000Z' },
  'agent:coder-1',
  [3, 4],
);
const third = recorded(
  { id: '019352a0-0002-7000-8000-000000000003', stream: 'job/43', position: 3, recordedAt: '2026-11-20T10:00:00.002Z' },
  {},
  { correlationId: 'c-2', occurredAt: '2026-11-20T10:00:00.002Z' },
  'agent:coder-2',
  [5, 6],
);

describe('the golden vector of TRUST.md section 3', () => {
  const linker = createLinker({ origin, hasher });
  const leaf1 = linker.link(first, null);
  const leaf2 = linker.link(second, leaf1);
  const leaf3 = linker.link(third, null);

  it('has its canonical payload', () => {
    const sliced = sliceBody(first.body);
    expect(sliced.kind === 'whole' && textOf(sliced.payload)).toBe('{"a":[1e-7,0,true,null],"b":"é\\u0000","n":1}');
  });

  it('has its commitments and its leaf text of 228 bytes', () => {
    const text = leafText(leafFieldsOf(hasher, origin, first));
    expect(commitmentsOf(hasher, first.body)).toEqual(['ZO7Ys1yrYhgKLQDX2AXnIDZ/kcIC0bUlWpssiANGdhc=', 'aVaA5xv6OVEFXpoyGMFnbqMGsGPqUOo0DslqZMk/QAM=']);
    expect(new TextEncoder().encode(text)).toHaveLength(228);
    expect(text.split('\n').slice(0, 9)).toEqual([
      'refold/leaf/v1',
      'vector.example/refold',
      'job/42',
      '1',
      '019352a0-0000-7000-8000-000000000001',
      'job.started/1',
      '2026-11-20T10:00:00.000Z',
      'agent:coder-1',
      '-',
    ]);
  });

  it('has its three leaves', () => {
    expect([leaf1, leaf2, leaf3].map(base64Of)).toEqual([
      'rcHxnG9T8lwh5n3hXib+oySvy2FE3nueznmk7nM+Kh0=',
      'z7G0wOwkpkfhYvL4j9gUhuyPJjn2Mcasz2UsOB2C9po=',
      '+35/rxgR284vqDpbcaKxWzsW9RacsFVgcn/H+3DeCfI=',
    ]);
  });

  it('has its two roots', () => {
    expect(base64Of(rootOfLeaves(hasher, [leaf1, leaf2]))).toBe('DUFGUseKH6ZOrtPsrpYb6e5TZy//Dfkmf48B75T8UZc=');
    expect(base64Of(rootOfLeaves(hasher, [leaf1, leaf2, leaf3]))).toBe('8q3mEtwgkv5YgVRY+Q35LwAL75TQty6yFNKd6czCu/g=');
  });

  it('has its note, read and written', () => {
    const head = { origin, size: 3, root: rootOfLeaves(hasher, [leaf1, leaf2, leaf3]) };
    const note =
      'vector.example/refold\n3\n8q3mEtwgkv5YgVRY+Q35LwAL75TQty6yFNKd6czCu/g=\n\n— vector.example/refold ' +
      'wpJh4yPfcyqFL3LBNZlI/6xLhPgfYxjwO0eHUeXpj2MJTgI5hyDAUbKlzU9E7q32XGOoPigVhogo+cHQNiLAcyMT7g0=\n';
    const parsed = parseNote(note);
    expect(parsed.text).toBe(formatTreeHead(head));
    expect(parseTreeHead(parsed.text)).toEqual(head);
    expect(formatNote(parsed)).toBe(note);
    expect(Buffer.from(parsed.signatures[0]!.keyId).toString('hex')).toBe('c29261e3');
    expect(parsed.signatures[0]!.signature).toHaveLength(64);
  });
});

describe('leaf', () => {
  it('percent-encodes every field, so that a record cannot be broken by a line feed', () => {
    const fields = { ...leafFieldsOf(hasher, origin, first), stream: 'job/a b\n%é\u{1f600}(x)', actor: "user:o'neil*!" };
    const lines = leafText(fields).split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[2]).toBe('job/a%20b%0A%25%C3%A9%F0%9F%98%80%28x%29');
    expect(lines[7]).toBe('user:o%27neil%2A%21');
  });

  it('hashes with the leaf prefix of RFC 6962', () => {
    expect(leafHash(hasher, 'x')).toEqual(hasher.sha256(Uint8Array.of(0, 0x78)));
  });

  it('is the same from what forget left, and what is left tells nothing of the payload', () => {
    const linker = createLinker({ origin, hasher });
    const remainder = linker.remainder(second);
    expect(linker.link({ ...second, body: remainder, forgotten: true }, salt(9))).toEqual(linker.link(second, salt(9)));
    expect(linker.remainder({ id: second.id, body: remainder })).toEqual(remainder);
    expect(textOf(remainder)).not.toMatch(/approved|correlationId|AwMD/);
    expect(decodeBody(remainder)).toMatchObject({ kind: 'erased', actor: 'agent:coder-1', schema: '1' });
  });

  it('is the same whether or not the front asked for the commitments first', () => {
    const linker = createLinker({ origin, hasher });
    const leaf = linker.link(first, null);
    const { body, commitments } = linker.commit({ actor: 'agent:coder-1', schema: '1', payload: canonicalText({ n: 1, b: 'é\u0000', a: [1e-7, -0, true, null] }), metadata: canonicalText({ correlationId: 'c-1', occurredAt: '2026-11-20T09:59:59.500Z' }), salts: [salt(1), salt(2)] });
    expect(body).toEqual(first.body);
    expect(commitments).toEqual(commitmentsOf(hasher, first.body));
    expect(linker.link({ ...first, body }, null)).toEqual(leaf);
    expect(linker.link({ ...first, body }, null)).toEqual(leaf);
  });

  it('is made of the stored bytes, however many bodies are made before they are linked and however long they are', () => {
    const linker = createLinker({ origin, hasher });
    const made = Array.from({ length: 400 }, (_, index) => {
      const parts = { actor: 'agent:é', schema: '1', payload: canonicalText({ text: '€é'.repeat(index * (index % 50 === 0 ? 500 : 1)) }), metadata: canonicalText({ n: index }), salts: [salt(index % 256), salt(7)] as const };
      return { ...linker.commit(parts), expected: encodeBody(parts).slice() };
    });
    for (const { body, commitments, expected } of made) {
      expect(Buffer.compare(body, expected)).toBe(0);
      expect(commitments).toEqual(commitmentsOf(hasher, expected));
      expect(linker.link({ ...first, body }, salt(1))).toEqual(linker.link({ ...first, body: expected }, salt(1)));
    }
  });

  it('depends on every field and on the chain', () => {
    const linker = createLinker({ origin, hasher });
    const leaf = base64Of(linker.link(second, salt(1)));
    const changed: readonly Recorded[] = [
      { ...second, id: first.id },
      { ...second, stream: 'job/41' },
      { ...second, type: 'job.started' },
      { ...second, revision: 3 },
      { ...second, recordedAt: first.recordedAt },
      { ...second, body: first.body },
    ];
    for (const event of changed) expect(base64Of(linker.link(event, salt(1)))).not.toBe(leaf);
    expect(base64Of(linker.link(second, salt(2)))).not.toBe(leaf);
    expect(base64Of(linker.link(second, null))).not.toBe(leaf);
    expect(base64Of(createLinker({ origin: 'other', hasher }).link(second, salt(1)))).not.toBe(leaf);
  });
});

describe('body', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 20 });
  const hostile = fc.oneof(word, fc.constantFrom('"],"schema":"', '},"salts":["', '\\"', '"}', '{"', '\\'));
  const object = fc.dictionary(hostile.filter((key) => key !== '__proto__'), fc.oneof(hostile, fc.integer(), fc.array(hostile), fc.dictionary(fc.constantFrom('a', 'b'), hostile)));

  it('is canonical JSON, and its slices are the bytes that were put in', () => {
    fc.assert(
      fc.property(hostile, hostile, object, object, (actor, schema, data, metadata) => {
        const parts = { actor, schema, payload: canonicalText(data), metadata: canonicalText(metadata), salts: [salt(7), salt(8)] as const };
        const body = encodeBody(parts);
        const sliced = sliceBody(body);
        if (sliced.kind !== 'whole') throw new Error('a whole body was written');
        expect(canonicalText(parseJson(textOf(body)))).toBe(textOf(body));
        expect({ ...sliced, payload: textOf(sliced.payload), metadata: textOf(sliced.metadata) }).toEqual({ kind: 'whole', ...parts });
        expect(decodeBody(body)).toEqual({ kind: 'whole', actor, schema, data, metadata, salts: parts.salts.map(base64Of) });
        expect(contentBytesOf(body)).toBe(sliced.payload.length + sliced.metadata.length);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['', '{}', '[]', '{"actor":"a"}', 'null', '{"actor":"a","commitments":["x","y"],"schema":"1"}', '{"actor":"a","metadata":{},"payload":{},"salts":["",""],"schema":"1"}'])(
    'refuses %s as a body',
    (text) => {
      try {
        sliceBody(new TextEncoder().encode(text));
        expect.unreachable();
      } catch (error) {
        expect(isLogError(error, 'INTEGRITY_VIOLATION')).toBe(true);
      }
    },
  );

  it('never fails otherwise than by INTEGRITY_VIOLATION, whatever bytes are cut or flipped', () => {
    const body = first.body;
    fc.assert(
      fc.property(fc.nat(body.length), fc.nat(body.length * 8 - 1), (length, bit) => {
        const cut = body.slice(0, length);
        if (bit >> 3 < length) cut[bit >> 3] = cut[bit >> 3]! ^ (1 << (bit & 7));
        for (const read of [sliceBody, decodeBody]) {
          try {
            read(cut);
          } catch (error) {
            expect(isLogError(error, 'INTEGRITY_VIOLATION')).toBe(true);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('base64', () => {
  it('writes what the platform writes and reads nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(base64Of(bytes)).toBe(text);
        expect(bytesOfBase64(text)).toEqual(bytes);
      }),
    );
    for (const text of ['A', 'AAA', 'AB==', 'AAB=', 'A===', '====', 'AA=A', 'A_A=', 'AAA\n', 'AAA ', 'é===']) expect(bytesOfBase64(text)).toBeNull();
  });
});

describe('note', () => {
  const good = 'o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— o AAAAAAA=\n';

  it('reads a note with one signature', () => {
    expect(parseNote(good).signatures).toHaveLength(1);
  });

  it.each([
    ['CRLF', good.replaceAll('\n', '\r\n')],
    ['a control character', good.replace('o', 'o\u0001')],
    ['no blank line', good.replace('\n\n', '\n')],
    ['1,000 signatures', good + '— o AAAAAAA=\n'.repeat(999)],
    ['a plus in the name', good.replace('— o', '— o+1')],
    ['a hyphen for the dash', good.replace('—', '-')],
    ['a short signature', good.replace('— o AAAAAAA=', '— o AAAA')],
    ['no last line feed', good.slice(0, -1)],
    ['no signature', 'o\n1\nx\n\n'],
  ])('refuses a note with %s (bad-input L17)', (_name, note) => {
    try {
      parseNote(note);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'INTEGRITY_VIOLATION', details: { reason: 'note_format' } });
    }
  });

  it.each(['o\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n', 'o\n1\nAAAA\n', '\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n', 'o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nextension\n', 'o\n9007199254740993\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'])(
    'refuses the tree head %j (bad-input L17)',
    (text) => {
      expect(() => parseTreeHead(text)).toThrow(/Not a signed note/);
    },
  );
});
