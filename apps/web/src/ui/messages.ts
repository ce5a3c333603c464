/** Words of the parts that know no domain. */
export const uiMessages = {
  close: 'Close',
  retry: 'Try again',
  copyDiagnostics: 'Copy diagnostics',
  failed: 'This could not be shown',
  failedOf: (what: string) => `${what} could not be shown`,
  request: 'request',
  loading: 'Loading',
  copied: 'Copied',
  copy: 'Copy',
  resize: 'Resize',
} as const;
