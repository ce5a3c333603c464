/** Which places of an event a rule is about. */

/** True for a path that the pattern names, and for every path below it. */
export type PathMatcher = (path: readonly (string | number)[]) => boolean;

/**
 * @param pattern  Dotted (`data.headers.*`), or a JSON pointer (`/data/a.b`). `*` stands for one step, `**` for any number.
 */
export function pathMatcher(pattern: string): PathMatcher {
  const segments = pattern.startsWith('/') ? pattern.slice(1).split('/').map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~')) : pattern.split('.');

  const covers = (path: readonly (string | number)[], segment: number, step: number): boolean => {
    if (segment === segments.length) return true;
    const wanted = segments[segment]!;
    if (wanted === '**') return covers(path, segment + 1, step) || (step < path.length && covers(path, segment, step + 1));
    return step < path.length && (wanted === '*' || wanted === String(path[step])) && covers(path, segment + 1, step + 1);
  };
  return (path) => covers(path, 0, 0);
}
