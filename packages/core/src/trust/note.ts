/**
 * The wire form of a tree head: a C2SP tlog-checkpoint in a signed note. Text only; who signs and who checks signatures holds
 * the keys (the server; any C2SP verifier).
 *
 *     <origin> LF <size> LF <base64 root> LF LF — <key name> <base64 of key id and signature> LF ...
 *
 * Source: c2sp.org/tlog-checkpoint, c2sp.org/signed-note; TRUST.md section 4.2. We write no extension lines and read none.
 */
import { LogError } from '../errors.ts';
import { base64Of, bytesOfBase64 } from './base64.ts';

/** Size and root of a log at some moment. */
export interface TreeHead {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export interface NoteSignature {
  /** Name of the key: the origin for the log's own, another for a witness. */
  readonly name: string;
  /** First 4 bytes of SHA-256 over name, LF, algorithm byte and public key. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What is signed, with its last line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Most signatures that a note may carry; more is an attack on the reader's time. */
const noteSignaturesMax = 16;

export const formatTreeHead = ({ origin, size, root }: TreeHead): string => `${origin}\n${size}\n${base64Of(root)}\n`;

/** @throws LogError INTEGRITY_VIOLATION `note_format`. */
export function parseTreeHead(text: string): TreeHead {
  const [origin = '', sizeText = '', rootText = '', end, ...more] = text.split('\n');
  const size = /^(?:0|[1-9]\d{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN;
  const root = bytesOfBase64(rootText);
  if (origin === '' || end !== '' || more.length > 0) throw badNote('a tree head is three lines: origin, size, root');
  if (!Number.isSafeInteger(size)) throw badNote('the size is not a whole number');
  if (root?.length !== 32) throw badNote('the root is not 32 bytes in base64');
  return { origin, size, root };
}

/** @param note.text  Ends with a line feed and holds no empty line at its end. */
export const formatNote = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(({ name, keyId, signature }) => `— ${name} ${base64Of(Uint8Array.of(...keyId, ...signature))}\n`).join('')}`;

/** @throws LogError INTEGRITY_VIOLATION `note_format` for anything that is not exactly a signed note. */
export function parseNote(note: string): Note {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(note) || !note.isWellFormed()) throw badNote('it holds control characters');
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw badNote('there is no empty line before the signatures');
  const lines = note.slice(split + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0) throw badNote('it does not end with signature lines');
  if (lines.length > noteSignaturesMax) throw badNote(`it has more than ${noteSignaturesMax} signatures`);
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...more] = line.split(' ');
  const bytes = bytesOfBase64(encoded);
  if (dash !== '—' || more.length > 0) throw badNote('a signature line is: dash, name, base64');
  if (name === '' || name.includes('+') || /\s/u.test(name)) throw badNote('a key name holds no plus and no space');
  if (bytes === null || bytes.length < 5) throw badNote('a signature is not base64');
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

const badNote = (why: string): LogError =>
  new LogError('INTEGRITY_VIOLATION', `Not a signed note: ${why}.`, { details: { reason: 'note_format' }, hint: 'Get the tree head again from the log or from a witness.' });
