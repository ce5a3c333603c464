/** What `init` writes: a configuration that holds only what differs from the defaults, and a README for who finds the folder. */

const heads: { readonly [template: string]: string } = {
  blank: '',
  jobs: '  snapshots:\n    frequency: 20            # jobs are short: more states kept\n',
  agents: '  orchestration:\n    phases: [EXPLORE, PLAN, CODE, TEST, FIX, DOCUMENT]\n  privacy:\n    secret_mode: mask        # agents print what they see\n',
  jira: '  orchestration:\n    phases: [EXPLORE, PLAN, CODE, TEST, FIX, DOCUMENT]\n  validation:\n    strict_mode: true\n    validate_on_write: true\n  cleanup:\n    archive_after_days: 90\n    delete_after_days: 365\n',
};

/** @param store  URL of a log elsewhere; null = `.refold/log.db`. */
export function configTemplate(template: string, store: string | null): string {
  return [
    '# Refold. Every key with its default and where it comes from: refold config print --origin',
    'event_sourcing:',
    '  storage:',
    '    driver: sqlite',
    '    sqlite:',
    // A JSON text is a YAML scalar, whatever the path holds.
    `      path: ${store === null ? '.refold/log.db' : JSON.stringify(store.replace(/^sqlite:/, ''))}`,
    heads[template] ?? '',
  ].join('\n');
}

export const readmeText = `# .refold

The event log of this project, made by Refold: the flight recorder and time machine for agent and job runs.

- \`config.yaml\`: configuration; \`refold config print --origin\` shows every key and where its value comes from.
- \`log.db\`: the log. It is only ever appended to; nothing in it is edited.
- \`log.search.db\`: words for \`--text\`; it may be deleted and is built again.
- \`token\`: what you show to a running \`refold serve\`; the commands do so by themselves. Only you may read it.
- \`server.json\`: where a running \`refold serve\` listens; it goes when the server ends.

    refold runs              what there is
    refold show latest       the newest event of the newest run
    refold state latest      the state of the newest run
    refold open latest       what was still under way at its end
    refold verify            is the log what it says?
`;
