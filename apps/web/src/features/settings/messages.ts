export const settingsMessages = {
  title: 'Settings',
  singleKeysNote: 'They act only while a list, a timeline or the debugger has the focus. Ctrl+K finds every command without them.',
  note: 'Kept in this browser only. Nothing of the log is ever kept here.',
} as const;
