/** Lines that a person types at a prompt, with history and editing on a terminal; from a pipe, just its lines. */
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import type { World } from './world.ts';

export const prompt = '(refold) ';

export interface PromptLines extends AsyncIterable<string> {
  close(): void;
}

/** @param onInterrupt  Ctrl-C on a line that is empty ends the conversation; while something runs it is only told. */
export function promptLines({ stdin, stdout, stdinIsTerminal, stdoutIsTerminal, signal }: World, { onInterrupt }: { readonly onInterrupt: () => void }): PromptLines {
  const isTerminal = stdinIsTerminal && stdoutIsTerminal;
  const lines = createInterface({
    input: stdin instanceof Readable ? stdin : Readable.from(stdin),
    // Editing needs the terminal itself; elsewhere nothing is echoed.
    ...(isTerminal && stdout instanceof Writable ? { output: stdout, terminal: true } : { terminal: false }),
    prompt: isTerminal ? prompt : '',
    signal,
  });
  let isBusy = false;
  lines.on('SIGINT', () => (isBusy ? onInterrupt() : lines.close()));
  return {
    async *[Symbol.asyncIterator]() {
      if (isTerminal) lines.prompt();
      for await (const line of lines) {
        isBusy = true;
        yield line;
        isBusy = false;
        if (isTerminal) lines.prompt();
      }
    },
    close: () => lines.close(),
  };
}
