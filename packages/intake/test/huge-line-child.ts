/**
 * Reads a line of 1 GiB between two short ones, in a process of its own, and prints in one line what came of it and how much
 * memory was held at most. Memory is counted for a whole process, so only one that does nothing else can say what the reader
 * holds. Every piece is new memory, and what nobody holds is collected before each look.
 */
import { createIdentity } from '../src/identity.ts';
import { readRecords } from '../src/reader.ts';
import { createReport } from '../src/report.ts';
import { contextOf } from './import-file.ts';

const pieceBytes = 4 * 1_048_576;
const piecesInLine = 256;
/** Collecting after every piece would take most of the time; the limit of a line, 32 MiB, is a whole number of looks. */
const piecesPerLook = 8;

let heldBytesMax = 0;

function heldBytes(): number {
  globalThis.gc!();
  // What the first collection found is given back beside the program; the second waits for that.
  globalThis.gc!();
  return process.memoryUsage().arrayBuffers;
}

function* hugeLine(): Generator<Uint8Array> {
  const before = heldBytes();
  yield new TextEncoder().encode('{"a":1}\n');
  for (let pieces = 0; pieces < piecesInLine; pieces++) {
    if (pieces % piecesPerLook === 0) heldBytesMax = Math.max(heldBytesMax, heldBytes() - before);
    yield new Uint8Array(pieceBytes).fill(0x61);
  }
  heldBytesMax = Math.max(heldBytesMax, heldBytes() - before);
  yield new TextEncoder().encode('\n{"a":2}\n');
}

const report = createReport();
const values: unknown[] = [];
for await (const { value } of readRecords({ name: 'f', open: hugeLine }, { report, identity: createIdentity(contextOf().hasher) })) values.push(value);
console.log(JSON.stringify({ values, rejects: report.rejects, heldBytesMax }));
