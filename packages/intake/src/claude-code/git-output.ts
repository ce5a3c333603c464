/** Commits in what `git commit` prints: `[branch sha] subject`, and the line of counts that follows it. */
export interface PrintedCommit {
  readonly sha: string;
  readonly message: string;
  readonly branch: string;
  readonly insertions?: number;
  readonly deletions?: number;
}

const commitLine = /^\[(?<branch>[^\]\s]+(?: HEAD)?)(?: \(root-commit\))? (?<sha>[0-9a-f]{7,40})\] (?<message>.+?)\r?$/gm;
const countLine = /^ \d+ files? changed(?:, (\d+) insertions?\(\+\))?(?:, (\d+) deletions?\(-\))?/;

export function commitsIn(output: string): readonly PrintedCommit[] {
  return [...output.matchAll(commitLine)].map((match) => {
    const { branch = '', sha = '', message = '' } = match.groups ?? {};
    const following = output.slice(match.index + match[0].length).replace(/^\r?\n(?: (?:Author|Date|Committer):.*\r?\n)*/, '');
    const counts = countLine.exec(following);
    return {
      sha,
      message,
      branch,
      ...(counts === null ? {} : { insertions: Number(counts[1] ?? 0), deletions: Number(counts[2] ?? 0) }),
    };
  });
}
