/** docs/reference/errors.md is a promise to every caller: the table and the code list say the same, in both directions. */
import { readFileSync } from 'node:fs';
import { errorCodes, LogError, type ErrorCode } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { root } from './source-code.ts';

interface Row {
  readonly code: string;
  readonly status: string;
  readonly exit: string;
  readonly again: string;
  readonly meaning: string;
  readonly remedy: string;
}

const rows = readTable(readFileSync(`${root}docs/reference/errors.md`, 'utf8'));

describe('The table of error codes', () => {
  test('holds every code of the product once, in the same order', () => {
    expect(rows.map(({ code }) => code)).toEqual([...errorCodes]);
  });

  test.each(rows)('gives $code a status, an exit code, a meaning and a remedy', ({ status, exit, meaning, remedy }) => {
    expect(status).toMatch(/^(?:[45]\d\d|start-up only)$/);
    expect(Number(exit)).toBeGreaterThanOrEqual(1);
    expect(Number(exit)).toBeLessThanOrEqual(10);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/\.$/);
  });

  test('gives the exit codes of the command line', () => {
    const source = readFileSync(`${root}packages/cli/src/exit-codes.ts`, 'utf8');
    const exits = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+): (\d+),$/gm)].map((match) => `${match[1]} ${match[2]}`);
    expect(rows.map(({ code, exit }) => `${code} ${exit}`)).toEqual(exits);
  });

  test.each(rows)('tells whether to try again after $code as the error itself does', ({ code, again }) => {
    const error = new LogError(code as ErrorCode, 'for this test');
    const lasting = new LogError(code as ErrorCode, 'for this test', { details: { reason: 'format_newer' } });
    expect([error.retryable, lasting.retryable]).toEqual({ no: [false, false], yes: [true, true], 're-read': [true, true], 'same commit': [true, true], 'by reason': [true, false] }[again]);
  });
});

/** Rows below the heading that begins with `code` and `HTTP`. */
function readTable(markdown: string): readonly Row[] {
  return markdown
    .slice(markdown.indexOf('| code | HTTP |'))
    .split('\n')
    .filter((line) => /^\| [A-Z][A-Z0-9_]+ \|/.test(line))
    .map((line) => {
      const [, code = '', status = '', exit = '', again = '', meaning = '', remedy = ''] = line.split('|').map((cell) => cell.trim());
      return { code, status, exit, again, meaning, remedy };
    });
}
