/**
 * Formats of secrets that are known by their looks. Each rule is anchored (a fixed beginning), bounded (no quantifier without
 * an upper end) and flat (no quantifier inside another), so a scan is linear in the text whoever wrote it; a test reads the
 * sources and holds them to that. Names are stable: they stand in stored events and in metrics.
 */
export interface SecretRule {
  /** kebab-case. */
  readonly name: string;
  /** Source of the whole match. Groups do not capture. */
  readonly pattern: string;
  /** Source of something short that every match begins with; all of them together are the prefilter. */
  readonly hint: string;
  /** The hint may stand inside a word. Otherwise a match starts at a word boundary, which keeps the prefilter quick. */
  readonly anywhere?: true;
  /** Tells a secret by what stands before it; a rule that knows the secret itself names it better. */
  readonly isGeneric?: true;
  /** The part at the beginning of a match that is no secret and stays. */
  readonly keeps?: RegExp;
}

/** Letters of either case, without the `i` flag, which would slow down everything else. */
const anyCase = (word: string): string => word.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const assignedWords = ['password', 'passwd', 'passphrase', 'secret', 'token', 'api[_-]?key', 'access[_-]?key', 'secret[_-]?key', 'private[_-]?key', 'auth[_-]?key']
  .map((word) => word.split('[_-]?').map(anyCase).join('[_-]?'))
  .join('|');
const assignedPasswords = ['password', 'passwd', 'passphrase'].map(anyCase).join('|');
// Also `"token": "..."` inside a JSON text inside a text, with its backslashes.
const isAssigned = (words: string): string => `(?<=(?:${words})(?:\\\\?["'])?[ \\t]{0,3})`;

// A value with a digit and a letter that is no placeholder, no call, no variable and no type of a typed array.
const valueCharacter = '[^\\s"\'`,;&<>(){}\\[\\]$*\\\\=|]';
const assignedValue = `(?=${valueCharacter}{0,200}[0-9])(?=${valueCharacter}{0,200}[A-Za-z])(?![A-Za-z]{3,9}[0-9]{1,2}(?:Clamped)?Array)(?!${valueCharacter}{0,200}EXAMPLE)${valueCharacter}{8,200}={0,2}`;

export const secretRules: readonly SecretRule[] = [
  // Amazon's own documentation key ends with EXAMPLE.
  { name: 'aws-access-key-id', hint: 'A[KSBC][IC]A[A-Z0-9]{4}', pattern: '(?:AKIA|ASIA|ABIA|ACCA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}(?![0-9A-Za-z])' },
  { name: 'google-api-key', hint: 'AIza', pattern: 'AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])' },
  { name: 'google-oauth-token', hint: 'ya29\\.', pattern: 'ya29\\.[0-9A-Za-z_-]{30,500}' },
  { name: 'google-client-secret', hint: 'GOCSPX-', pattern: 'GOCSPX-[0-9A-Za-z_-]{28}' },
  { name: 'azure-storage-key', hint: 'AccountKey=', pattern: 'AccountKey=[0-9A-Za-z+/]{86}==', keeps: /^AccountKey=/ },
  { name: 'github-token', hint: 'gh[opsur]_|github_pat_', pattern: '(?:gh[opsur]_[0-9A-Za-z]{36,255}|github_pat_[0-9A-Za-z_]{36,255})' },
  { name: 'gitlab-token', hint: 'gl(?:pat|dt|rt|cbt|ptt)-', pattern: 'gl(?:pat|dt|rt|cbt|ptt)-[0-9A-Za-z_-]{20,64}' },
  { name: 'npm-token', hint: 'npm_', pattern: 'npm_[0-9A-Za-z]{36}(?![0-9A-Za-z_])' },
  { name: 'pypi-token', hint: 'pypi-A', pattern: 'pypi-AgE[0-9A-Za-z_-]{50,500}' },
  { name: 'docker-token', hint: 'dckr_pat_', pattern: 'dckr_pat_[0-9A-Za-z_-]{27}' },
  { name: 'slack-token', hint: 'xox[abeoprs]-', pattern: 'xox[abeoprs]-[0-9A-Za-z-]{10,250}' },
  { name: 'slack-webhook', hint: 'hooks\\.slack', pattern: 'hooks\\.slack\\.com/services/T[0-9A-Z]{6,12}/B[0-9A-Z]{6,12}/[0-9A-Za-z]{20,32}', keeps: /^hooks\.slack\.com\/services\// },
  { name: 'stripe-key', hint: '[rs]k_(?:live|test)_', pattern: '[rs]k_(?:live|test)_[0-9A-Za-z]{16,250}' },
  { name: 'twilio-key', hint: 'SK[0-9a-f]{8}', pattern: 'SK[0-9a-f]{32}(?![0-9A-Za-z])' },
  { name: 'sendgrid-key', hint: 'SG\\.', pattern: 'SG\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z_-]{43}' },
  { name: 'telegram-token', hint: '[0-9]{8,10}:AA', pattern: '[0-9]{8,10}:AA[0-9A-Za-z_-]{33}(?![0-9A-Za-z_-])' },
  { name: 'anthropic-key', hint: 'sk-ant-', pattern: 'sk-ant-[0-9A-Za-z_-]{20,250}' },
  { name: 'openai-key', hint: 'sk-[0-9A-Za-z]{2}', pattern: '(?:sk-(?:proj|svcacct|admin|or-v1)-[0-9A-Za-z_-]{20,250}|sk-[0-9A-Za-z]{40,64}(?![0-9A-Za-z_-]))' },
  { name: 'model-provider-key', hint: 'hf_|gsk_|xai-', pattern: '(?:hf_[0-9A-Za-z]{30,60}|gsk_[0-9A-Za-z]{40,60}|xai-[0-9A-Za-z]{60,90})(?![0-9A-Za-z_-])' },
  { name: 'atlassian-token', hint: 'ATATT3', pattern: 'ATATT3[0-9A-Za-z_=-]{60,250}' },
  { name: 'linear-key', hint: 'lin_api_', pattern: 'lin_api_[0-9A-Za-z]{32,64}' },
  { name: 'digitalocean-token', hint: 'do[opr]_v1_', pattern: 'do[opr]_v1_[0-9a-f]{64}' },
  { name: 'databricks-token', hint: 'dapi[0-9a-f]{8}', pattern: 'dapi[0-9a-f]{32}(?![0-9A-Za-z])' },
  { name: 'vault-token', hint: 'hv[sb]\\.', pattern: 'hv[sb]\\.[0-9A-Za-z_-]{24,250}' },
  { name: 'jwt', hint: 'eyJ', pattern: '(?<![0-9A-Za-z_-])eyJ[0-9A-Za-z_-]{8,4000}\\.eyJ[0-9A-Za-z_-]{8,8000}\\.[0-9A-Za-z_-]{10,2000}' },
  // The body ends at two hyphens: a second header can never be scanned over again. A key that was cut has no last line.
  {
    name: 'private-key',
    hint: '-----BEGIN [A-Z]',
    anywhere: true,
    pattern: '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!-)){24,8192}(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?',
  },
  { name: 'url-credentials', isGeneric: true, hint: '://[^\\s/@]{0,300}@', anywhere: true, pattern: '://[^\\s/:@"\'<>]{0,100}:(?![$<{*\\[])[^\\s/@"\'<>]{3,200}(?=@)', keeps: /^:\/\/[^:]*:/ },
  { name: 'bearer-token', isGeneric: true, hint: '[Bb]earer[ \\t]', pattern: '[Bb]earer[ \\t]{1,4}(?=[A-Za-z._~+/=-]{0,200}[0-9])[0-9A-Za-z._~+/=-]{16,2000}', keeps: /^[Bb]earer[ \t]+/ },
  {
    name: 'authorization-header',
    isGeneric: true,
    hint: '[Aa]uthorization',
    pattern: '[Aa]uthorization["\']?[ \\t]{0,3}[:=][ \\t]{0,3}["\']?(?:[Bb]asic|[Tt]oken|[Dd]igest)[ \\t]{1,4}[0-9A-Za-z._~+/=-]{8,2000}',
    keeps: /^[Aa]uthorization["']?[ \t]*[:=][ \t]*["']?[A-Za-z]+[ \t]+/,
  },
  { name: 'assigned-secret', isGeneric: true, hint: `${isAssigned(assignedWords)}[:=]`, anywhere: true, pattern: `${isAssigned(assignedWords)}(?:=|[:=]>?[ \\t]{0,3}\\\\?["'])${assignedValue}`, keeps: /^[:=]>?[ \t]*\\?["']?/ },
  { name: 'assigned-password', isGeneric: true, hint: `${isAssigned(assignedPasswords)}:`, anywhere: true, pattern: `${isAssigned(assignedPasswords)}:[ \\t]{1,3}${assignedValue}`, keeps: /^:[ \t]+/ },
];

/** Keys whose text values are secrets whatever they look like. Source: config.default.yaml, privacy.key_patterns. */
export const sensitiveKeyPatterns: readonly string[] = ['password', 'passwd', 'secret', 'token', 'api[_-]?key', 'authorization', 'cookie', 'private[_-]?key'];
