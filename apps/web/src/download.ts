/** Saves what the server answers at an address as a file; a refusal is a page of its own there, and leaves this one. */
export function download(href: string, name: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = name.replaceAll(/[^\w.-]+/g, '_');
  link.click();
}
