import { describe, expect, test } from 'vitest';
import { exportedNames, importsOf, scan } from './source-code.ts';

const specifiers = (text: string): readonly (string | null)[] => importsOf(scan('a.ts', text)).map(({ specifier }) => specifier);

describe('The scanner that the architecture rules stand on', () => {
  test('finds every form of import', () => {
    expect(
      specifiers(`
        import one from 'one';
        import type { Two } from "two";
        import { a as b, type C } from
          'three';
        import * as four from 'four';
        export * from 'five';
        export { six } from 'six';
        import 'seven';
        const eight = await import('eight');
        type Nine = import('nine').Nine;
      `).toSorted((a, b) => String(a).localeCompare(String(b))),
    ).toEqual(['eight', 'five', 'four', 'nine', 'one', 'seven', 'six', 'three', 'two']);
  });

  test('marks a computed import', () => {
    expect(specifiers('const x = await import(name);')).toEqual([null]);
  });

  test('takes no import from a comment, a text, a template or a regular expression', () => {
    expect(
      specifiers(`
        // import a from 'a';
        /* export * from 'b'; */
        const text = "import c from 'c'";
        const template = \`import d from 'd' \${1 + 1} import e from 'e'\`;
        const pattern = /import 'f'/;
      `),
    ).toEqual([]);
  });

  test('sees code inside of a template substitution, and the rest of the template as text', () => {
    const { code } = scan('a.ts', 'const a = `Date.now() ${[1].map((x) => { return Math.random(); })} Buffer`;');
    expect(code).toContain('Math.random()');
    expect(code).not.toContain('Date.now');
    expect(code).not.toContain('Buffer');
  });

  test('tells a division from a regular expression', () => {
    const { code } = scan('a.ts', "const half = total! / 2; const ratio = (a + b) / c; const found = /['\"/]/.test(x) && process.exit();");
    expect(code).toContain('total! / 2');
    expect(code).toContain('process.exit()');
  });

  test('keeps lines and lengths', () => {
    const text = 'const a = "x";\n/* two\nlines */ const b = 1;\n';
    const { code } = scan('a.ts', text);
    expect(code).toHaveLength(text.length);
    expect(code.split('\n')).toHaveLength(text.split('\n').length);
  });

  test('lists what a file declares and exports', () => {
    expect(exportedNames(scan('a.ts', 'export const a = 1;\nexport async function b() {}\nexport interface C {}\nexport type D = 1;\nconst e = 2;'))).toEqual(['a', 'b', 'C', 'D']);
  });
});
