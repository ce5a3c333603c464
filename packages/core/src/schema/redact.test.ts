import { createHash, createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLogError } from '../errors.ts';
import type { JsonObject } from '../log/event.ts';
import type { Hasher } from '../ports.ts';
import { createRedactor, isRedacted } from './redact.ts';
import type { RedactorOptions } from './redact.ts';
import { secretRules } from './secret-rules.ts';
import { createSecretScanner } from './secret-scanner.ts';

const hasher: Pick<Hasher, 'hmacSha256'> = { hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()) };
const key = new Uint8Array(32).fill(1);
const redactor = (options: Partial<RedactorOptions> = {}) => createRedactor({ hasher, key, ...options });
const redactData = (data: JsonObject, options: Partial<RedactorOptions> = {}) => redactor(options)({ data, metadata: {} });
const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return isLogError(error) ? [error.code, error.details.reason, error.details.pointer] : error;
  }
  return 'not refused';
};

/** Letters and digits that look random and are the same in every run; put together here, so that no scanner takes this file for a leak. */
const noise = (length: number, alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'): string =>
  Array.from({ length }, (_, index) => alphabet[(index * index * 31 + index * 17 + 5) % alphabet.length]).join('');
const hex = (length: number): string => noise(length, '0123456789abcdef');
const upper = (length: number): string => noise(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
const token = (...parts: readonly string[]): string => parts.join('');
const pem = `-----BEGIN RSA PRIVATE ${'KEY'}-----\nProc-Type: 4,ENCRYPTED\n${noise(64)}\n${noise(64)}\n-----END RSA PRIVATE ${'KEY'}-----`;

/** Each: rule, text, the secret in it. */
const secrets: readonly (readonly [string, string, string?])[] = [
  ['aws-access-key-id', token('AK', 'IA', upper(16))],
  ['aws-access-key-id', token('AS', 'IA', upper(16))],
  ['google-api-key', token('AI', 'za', noise(35))],
  ['google-oauth-token', token('ya', '29.', noise(60))],
  ['google-client-secret', token('GOC', 'SPX-', noise(28))],
  ['azure-storage-key', token('Account', 'Key=', noise(86), '=='), `${noise(86)}==`],
  ['github-token', token('gh', 'p_', noise(36))],
  ['github-token', token('github', '_pat_', noise(22), '_', noise(59))],
  ['gitlab-token', token('gl', 'pat-', noise(20))],
  ['npm-token', token('np', 'm_', noise(36))],
  ['pypi-token', token('py', 'pi-AgE', noise(80))],
  ['docker-token', token('dckr', '_pat_', noise(27))],
  ['slack-token', token('xo', 'xb-', noise(40))],
  ['slack-webhook', token('https://hooks.', 'slack.com/services/', 'T12345678/B12345678/', noise(24)), `T12345678/B12345678/${noise(24)}`],
  ['stripe-key', token('sk', '_live_', noise(24))],
  ['twilio-key', token('S', 'K', hex(32))],
  ['sendgrid-key', token('S', 'G.', noise(22), '.', noise(43))],
  ['telegram-token', token('123456789', ':AA', noise(33))],
  ['anthropic-key', token('sk-', 'ant-api03-', noise(80))],
  ['openai-key', token('sk-', 'proj-', noise(80))],
  ['openai-key', token('sk', '-', noise(48))],
  ['model-provider-key', token('h', 'f_', noise(34))],
  ['atlassian-token', token('ATA', 'TT3', noise(100))],
  ['linear-key', token('lin', '_api_', noise(40))],
  ['digitalocean-token', token('do', 'p_v1_', hex(64))],
  ['databricks-token', token('da', 'pi', hex(32))],
  ['vault-token', token('hv', 's.', noise(30))],
  ['jwt', token('ey', 'J', noise(30), '.eyJ', noise(60), '.', noise(43))],
  ['private-key', pem],
  ['url-credentials', 'postgres://app:s3cretpass@db.internal:5432/x', 's3cretpass'],
  ['bearer-token', `Bearer ${noise(30)}`, noise(30)],
  ['authorization-header', 'Authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA=='],
  ['assigned-secret', 'export DB_PASSWORD=hunter2hunter2', 'hunter2hunter2'],
  ['assigned-secret', '{"client_secret": "a1b2c3d4e5"}', 'a1b2c3d4e5'],
  ['assigned-secret', '{\\"apiKey\\":\\"a1b2c3d4e5\\"}', 'a1b2c3d4e5'],
  ['assigned-secret', 'https://x.test/cb?access_token=a1b2c3d4e5&x=1', 'a1b2c3d4e5'],
  ['assigned-password', 'password: s3cret99x', 's3cret99x'],
];

describe('known formats', () => {
  it('cover every rule, with a secret that nothing else would name', () => {
    expect(new Set(secrets.map(([rule]) => rule))).toEqual(new Set(secretRules.map(({ name }) => name)));
  });

  it.each(secrets)('masks a %s in the middle of a text (bad-input A44, A-108)', (rule, text, secret = text) => {
    const result = redactData({ note: `before ${text} after` });
    expect(result.redactions).toEqual([{ rule, pointer: '/data/note', count: 1 }]);
    expect(JSON.stringify(result.data)).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(result.data['note']).toMatch(/^before .*\[redacted [a-z-]+ [0-9a-f]{8}\].* after$/s);
  });

  it.each(secrets)('masks a %s in a key and in metadata (bad-input A44)', (rule, text, secret = text) => {
    const { data, metadata, redactions } = redactor()({ data: { list: [{ [`${text} `]: 1 }] }, metadata: { error: `${text} ` } });
    expect(redactions.map((redaction) => redaction.rule)).toEqual([rule, rule]);
    expect(JSON.stringify([data, metadata, redactions])).not.toContain(JSON.stringify(secret).slice(1, -1));
  });

  it('replaces a text that is nothing but a secret by an object that tells its length and an id', () => {
    const secret = token('gh', 'p_', noise(36));
    const { data } = redactData({ a: secret, b: `${secret} and ${secret}` });
    const id = createHmac('sha256', key).update(secret).digest('hex').slice(0, 8);
    expect(data).toEqual({ a: { $redacted: 'github-token', len: 40, id }, b: `[redacted github-token ${id}] and [redacted github-token ${id}]` });
    expect(isRedacted(data['a'])).toBe(true);
  });

  it('takes nothing for a mask that could hide more than one', () => {
    const good = { $redacted: 'jwt', len: 3, id: '0011aabb' };
    expect([good, { $redacted: 'timeout', bytes: 3 }].every(isRedacted)).toBe(true);
    expect([{ ...good, note: 'x' }, { ...good, id: 'not hex!' }, { $redacted: 'A secret' }, { $redacted: 'jwt' }, { a: 1 }, null, 'jwt'].some(isRedacted)).toBe(false);
    expect(redactData({ password: { ...good, password: 'x' } }).redactions).toHaveLength(1);
  });

  it('names a secret by its own format, not by what stands before it', () => {
    const secret = token('gh', 'p_', noise(36));
    for (const text of [`TOKEN=${secret}`, `Bearer ${secret}`, `https://x:${secret}@github.com/a/b`, `{"token":"${secret}"}`])
      expect(redactData({ text }).redactions).toEqual([{ rule: 'github-token', pointer: '/data/text', count: 1 }]);
  });

  it('gives other ids under another key', () => {
    const data = { a: token('gh', 'p_', noise(36)) };
    expect(redactData(data).data).not.toEqual(redactData(data, { key: new Uint8Array(32).fill(2) }).data);
  });

  it('is stable: redacting again changes nothing', () => {
    const once = redactData({ list: secrets.map(([, text]) => `x ${text} y`), whole: secrets.map(([, text]) => text), password: 'a' });
    expect(redactData(once.data)).toEqual({ data: once.data, metadata: {}, redactions: [] });
  });

  it('counts hits per rule and place, and points through masked keys', () => {
    const aws = token('AK', 'IA', upper(16));
    const result = redactData({ 'a/b': { [aws]: [`${aws} ${aws}`] } });
    const [masked] = Object.keys(result.data['a/b'] as object);
    expect(result.redactions).toEqual([
      { rule: 'aws-access-key-id', pointer: '/data/a~1b/…', count: 1 },
      { rule: 'aws-access-key-id', pointer: `/data/a~1b/${masked}/0`, count: 2 },
    ]);
  });

  it('keeps both values when two keys look the same once masked', () => {
    const aws = token('AK', 'IA', upper(16));
    const masked = Object.keys(redactData({ [aws]: 1 }).data)[0]!;
    expect(Object.values(redactData({ [masked]: 1, [aws]: 2 }).data)).toEqual([1, 2]);
  });
});

describe('sensitive keys', () => {
  it.each(['password', 'PASSWD', 'client_secret', 'accessToken', 'x-api-key', 'apiKey', 'Authorization', 'Set-Cookie', 'privateKey', 'GITHUB_TOKEN'])('masks the text under %s (A-108)', (name) => {
    const { data, redactions } = redactData({ env: { [name]: 'x1' }, list: { [name]: ['x1', 'x2'] } });
    expect(redactions.map(({ rule }) => rule)).toEqual(['sensitive-key', 'sensitive-key', 'sensitive-key']);
    expect(JSON.stringify(data)).not.toMatch(/"x[12]"/);
  });

  it('leaves numbers, booleans, placeholders and objects under such keys, and other keys', () => {
    const event = {
      data: { token: 12, tokens: { input: 1, output: 2 }, tokens_input: 5, max_tokens: '4096', secret: true, password: '', token_type: 'bearer', tokenizer: 'o200k', authorization_url: 'https://x.test', cookie: null, api_key: '${API_KEY}', apiKey: '***' },
      metadata: { secret: { note: 'plain' } },
    };
    const result = redactor()(event);
    expect(result.redactions).toEqual([]);
    expect(result.data).toBe(event.data);
    expect(result.metadata).toBe(event.metadata);
  });

  it('takes other patterns for keys', () => {
    expect(redactData({ pin: '1234', password: 'x' }, { keyPatterns: ['pin'] }).redactions).toEqual([{ rule: 'sensitive-key', pointer: '/data/pin', count: 1 }]);
    expect(redactData({ password: 'x' }, { keyPatterns: [] }).redactions).toEqual([]);
  });
});

describe('modes, paths and allowances', () => {
  const aws = token('AK', 'IA', upper(16));

  it('returns the same objects when nothing is found', () => {
    const event = { data: { a: [{ b: 'plain text' }], n: 1 }, metadata: { x: null } };
    const result = redactor()(event);
    expect([result.data === event.data, result.metadata === event.metadata, result.redactions]).toEqual([true, true, []]);
  });

  it('changes nothing but the way to a hit, and never its input', () => {
    const event = { data: { clean: { a: 1 }, dirty: { a: [aws] } }, metadata: { a: 1 } };
    const copy = structuredClone(event);
    const result = redactor()(event);
    expect(event).toEqual(copy);
    expect(result.data['clean']).toBe(event.data.clean);
    expect(result.metadata).toBe(event.metadata);
  });

  it('off leaves, flag leaves and records, reject refuses without telling the secret (bad-input A44)', () => {
    const data = { a: `${aws}!` };
    expect(redactData(data, { mode: 'off' })).toEqual({ data, metadata: {}, redactions: [] });
    expect(redactData(data, { mode: 'flag' })).toEqual({ data, metadata: {}, redactions: [{ rule: 'aws-access-key-id', pointer: '/data/a', count: 1, kept: true }] });
    expect(codeOf(() => redactData(data, { mode: 'reject' }))).toEqual(['SENSITIVE_DATA', 'aws-access-key-id', '/data/a']);
    expect(codeOf(() => redactData({ [aws]: 1 }, { mode: 'reject' }))).toEqual(['SENSITIVE_DATA', 'aws-access-key-id', '/data/…']);
    try {
      redactData(data, { mode: 'reject' });
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain(aws);
    }
  });

  it('lets the first path decide the mode, for everything below it', () => {
    const modes = [{ path: 'data.raw.*.keep', mode: 'off' }, { path: 'data.raw', mode: 'reject' }, { path: '/data/a.b', mode: 'flag' }] as const;
    expect(redactData({ raw: [{ keep: { deep: aws } }] }, { modes }).redactions).toEqual([]);
    expect(codeOf(() => redactData({ raw: [{ other: aws }] }, { modes }))).toEqual(['SENSITIVE_DATA', 'aws-access-key-id', '/data/raw/0/other']);
    expect(redactData({ 'a.b': aws, c: aws }, { modes }).redactions.map(({ kept }) => kept)).toEqual([true, undefined]);
  });

  it('allows by path, by rule, by id, and by all of them together', () => {
    const id = (redactData({ a: aws }).data['a'] as { id: string }).id;
    const allowedBy = (allow: RedactorOptions['allow']): boolean => redactData({ deep: { a: aws } }, { allow: allow ?? [] }).redactions.length === 0;
    expect([allowedBy(['data.deep']), allowedBy(['data.**.a']), allowedBy(['data.other']), allowedBy(['deep'])]).toEqual([true, true, false, false]);
    expect([allowedBy([{ rule: 'aws-access-key-id' }]), allowedBy([{ rule: 'jwt' }]), allowedBy([{ id }]), allowedBy([{ id: '00000000' }])]).toEqual([true, false, true, false]);
    expect([allowedBy([{ path: 'data.deep', rule: 'aws-access-key-id', id }]), allowedBy([{ path: 'data.deep', rule: 'jwt', id }])]).toEqual([true, false]);
    expect(redactData({ token: 'abc' }, { allow: ['data.token'] }).redactions).toEqual([]);
  });

  it('masks what a schema or a path marks as secret, whatever it looks like', () => {
    const marked = redactor({ secretPaths: [{ path: 'data.pin', rule: 'x-secret' }] });
    const { data, redactions } = marked({ data: { pin: 1234, person: { name: 'Ada', age: 36 }, open: 'text' }, metadata: {} }, [{ path: 'data.person', rule: 'x-pii' }]);
    expect(data).toEqual({ pin: { $redacted: 'x-secret', len: 4, id: expect.any(String) }, person: { $redacted: 'x-pii', len: 23, id: expect.any(String) }, open: 'text' });
    expect(redactions).toEqual([{ rule: 'x-secret', pointer: '/data/pin', count: 1 }, { rule: 'x-pii', pointer: '/data/person', count: 1 }]);
    expect(marked({ data, metadata: {} }, [{ path: 'data.person', rule: 'x-pii' }]).redactions).toEqual([]);
  });

  it('leaves an own __proto__ key for the canonical form to refuse', () => {
    const data = JSON.parse(`{"__proto__":{"a":"${aws}"}}`) as JsonObject;
    expect(Object.keys(redactData(data).data)).toEqual(['__proto__']);
    expect(({} as { a?: string }).a).toBeUndefined();
  });
});

describe('bounds', () => {
  const aws = token('AK', 'IA', upper(16));

  /** Every look at the clock finds `step` more milliseconds of work behind it. */
  const workingClock = (step: number) => {
    let worked = 0;
    return { worked: () => (worked += step) };
  };

  it('withholds suspicious texts when the time is over, stores none unscanned, and keeps what holds nothing', () => {
    const data = { texts: Array.from({ length: 20 }, () => `${aws} é`), harmless: 'é', last: aws };
    const result = redactData(data, { clock: workingClock(4), milliseconds: 30 });
    expect(result.data['last']).toEqual({ $redacted: 'timeout', bytes: 20 });
    expect(result.redactions.at(-1)).toEqual({ rule: 'timeout', pointer: '/data/last', count: 1 });
    expect(JSON.stringify(result.data)).not.toContain(aws);
    expect((result.data['texts'] as unknown[]).at(-1)).toEqual({ $redacted: 'timeout', bytes: 23 });
    expect(result.data['harmless']).toBe('é');
  });

  it('withholds a single text whose scan takes too long', () => {
    const result = redactData({ text: `${aws} `.repeat(50) }, { clock: workingClock(1), milliseconds: 10 });
    expect(result.data).toEqual({ text: { $redacted: 'timeout', bytes: 50 * 21 } });
  });

  it('forgives one pause, however long, and not the next', () => {
    const withPauses = (...pauses: readonly number[]) => {
      let looks = 0;
      let worked = 0;
      return { worked: () => (worked += pauses.includes(++looks) ? 1_000 : 0) };
    };
    const data = { texts: [`${aws} a`, `${aws} b`, `${aws} c`] };
    const rulesOf = (clock: { worked(): number }) => redactData(data, { clock, milliseconds: 20 }).redactions.map(({ rule }) => rule);
    const masked = rulesOf({ worked: () => 0 });
    expect(masked).not.toContain('timeout');
    expect(rulesOf(withPauses(2))).toEqual(masked);
    expect(rulesOf(withPauses(2, 3))).toContain('timeout');
  });

  it('has no time budget without a clock, and needs none when nothing is suspicious', () => {
    expect(redactData({ a: 'x'.repeat(100_000) }, { clock: workingClock(100) }).redactions).toEqual([]);
  });

  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const throwing = Object.defineProperty({}, 'x', { enumerable: true, get: () => { throw new Error('no'); } });

  it.each<[string, unknown, string, string]>([
    ['a cycle', cyclic, 'BAD_JSON', 'cycle'],
    ['a throwing getter', { throwing }, 'BAD_JSON', 'not_plain'],
    ['a small graph for an endless text', Array.from({ length: 60 }).reduce<unknown>((inner) => [inner, inner], 'x'), 'TOO_LARGE', 'event'],
  ])('refuses %s before it is walked to its end (bad-input A26)', (_name, data, code, reason) => {
    expect((codeOf(() => redactData({ data } as unknown as JsonObject)) as unknown[]).slice(0, 2)).toEqual([code, reason]);
  });

  it('leaves what is no JSON to the canonical form', () => {
    const data = { date: new Date(0), map: new Map([[aws, aws]]), none: undefined } as unknown as JsonObject;
    expect(redactData(data).data).toBe(data);
    expect(redactData({ ...data, aws }).data['date']).toBe(data['date']);
  });

  it('has rules without an endless or a nested quantifier', () => {
    const withoutClasses = (source: string): string => source.replaceAll(/\[(?:[^\]\\]|\\.)*\]/g, 'C').replaceAll(/\\./g, 'E');
    const isEndless = (source: string): boolean => /[*+]|\{\d*,\}/.test(source);
    const isNested = (source: string): boolean => /\([^()]*\{\d+(?:,\d+)?\}[^()]*\)\{/.test(source);
    expect([isEndless('a+'), isEndless('(?:a|b)*'), isEndless('a{3,}'), isNested('(?:a{1,3}b){1,3}')]).toEqual([true, true, true, true]);
    const sources = secretRules.flatMap(({ pattern, hint }) => [pattern, hint]).map(withoutClasses);
    expect(sources.filter((source) => isEndless(source) || isNested(source))).toEqual([]);
  });

  const hostile: readonly (readonly [string, string])[] = [
    ['headers of private keys', `-----BEGIN RSA PRIVATE ${'KEY'}-----\n`],
    ['beginnings of JWTs', token('ey', 'Jaaaaaaaaaa-')],
    ['beginnings of JWTs with dots', token('ey', 'Jaaaaaaaaaa.')],
    ['URLs', '://a:bbbbbbbb'],
    ['URLs with at signs', '://a@b:c@'],
    ['assignments', 'token=token:'],
    ['quoted assignments', '"password": "aaaaaaa1'],
    ['bearers', 'Bearer aaaaaaaaaaaaaaaaaaaaaaaaa '],
    ['key beginnings', token('sk-', 'proj-')],
    ['one letter', 'a'],
    ['hyphens', '-'],
    ['digits', '1'],
  ];

  it.each(hostile)('reads 400,000 characters of %s in about eight times the work of 50,000', (_name, piece) => {
    const scanner = createSecretScanner(secretRules);
    const textOf = (length: number): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
    const fastest = (text: string): number =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          // Work, not time: a busy machine must not look like a bad pattern.
          const start = process.threadCpuUsage();
          scanner.mayHold(text);
          scanner.find(text, () => false);
          // Both: how the system splits them is an estimate, by ticks.
          const { user, system } = process.threadCpuUsage(start);
          return (user + system) / 1_000;
        }),
      );
    const small = fastest(textOf(50_000));
    // Linear is 8, quadratic 64; the floor keeps the clock's grain out of it.
    expect(fastest(textOf(400_000)) / Math.max(small, 0.5)).toBeLessThan(32);
  });
});

describe('benign text', () => {
  const root = new URL('../../../../', import.meta.url);
  const seeded = (seed: string, bytes: number): Buffer => createHash('shake256', { outputLength: bytes }).update(seed).digest();
  const many = (count: number, line: (index: number) => string): readonly string[] => Array.from({ length: count }, (_, index) => line(index));
  const sources = (folder: string): readonly string[] =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .flatMap((name) => readFileSync(new URL(`${folder}/${name}`, root), 'utf8').split('\n'));

  const corpus: { readonly [name: string]: readonly string[] } = {
    'a lockfile': readFileSync(new URL('package-lock.json', root), 'utf8').split('\n'),
    'source code': sources('packages/core/src'),
    UUIDs: many(500, (index) => seeded(`uuid${index}`, 16).toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')),
    hashes: many(500, (index) => `${seeded(`hash${index}`, 20).toString('hex')}  sha256:${seeded(`sum${index}`, 32).toString('hex')} sha512-${seeded(`sri${index}`, 64).toString('base64')}`),
    'base64 images': many(300, (index) => `data:image/png;base64,iVBORw0KGgo${seeded(`png${index}`, 900).toString('base64')}`),
    'base64url ids': many(500, (index) => `id=${seeded(`id${index}`, 24).toString('base64url')} etag="${seeded(`e${index}`, 18).toString('base64')}"`),
    'npm logs': many(500, (index) => `npm http fetch GET 200 https://registry.npmjs.org/@scope%2fpackage-${index}/-/package-${index}.0.${index}.tgz ${index}ms (cache miss)`),
    'stack traces': many(500, (index) => `    at async Module.tokenizer${index} (file:///srv/app/node_modules/lib/secret-manager.js:${index}:17) [as onAuthorization]`),
    'agent records': many(500, (index) => JSON.stringify({ tool_call_id: `toolu_01${seeded(`t${index}`, 12).toString('hex')}`, tokens_input: index, max_tokens: 4096, next: `page-${index}`, note: 'the token: use the password from the vault', basic: 'Basic functionality' })),
    'things people write': [
      'password: required', 'token: string;', 'const secret: Uint8Array = read();', 'token = nextToken()', 'password=$DB_PASSWORD', 'apiKey: process.env.API_KEY', 'secret: ${{ secrets.NPM_TOKEN }}',
      'Authorization: Bearer <token>', 'bearer authentication', 'git@github.com:org/repo.git', 'git+ssh://git@github.com/org/repo.git', 'http://localhost:8012/@scope/x', 'postgres://localhost:5432/app', 'mailto:a@b.example', 'https://user@host.example/x',
      'AKIAIOSFODNN7EXAMPLE', 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'sk-learn 1.2', 'hf_hub_download', 'npm_config_registry=https://registry.npmjs.org/', 'SG.1', 'eyJ', '-----BEGIN CERTIFICATE-----', 'grep "BEGIN PRIVATE KEY"', 'keyboard: 12345678a', 'token_count=12345678a9',
    ],
  };

  it('is more than 5,000 lines', () => {
    expect(Object.values(corpus).flat().length).toBeGreaterThan(5_000);
  });

  it.each(Object.keys(corpus))('has no false positive in %s', (name) => {
    const redact = redactor();
    const hits = corpus[name]!.flatMap((line) => redact({ data: { line }, metadata: {} }).redactions.map(({ rule }) => `${rule}: ${line.slice(0, 160)}`));
    expect(hits).toEqual([]);
  });

  it('is never changed without a record of it, whatever the JSON', () => {
    const redact = redactor();
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const result = redact({ data: data as JsonObject, metadata: {} });
        expect(result.redactions.length === 0).toBe(result.data === data);
      }),
      { numRuns: 300 },
    );
  });
});
