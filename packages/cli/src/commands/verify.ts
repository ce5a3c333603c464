/** Is the log what it says? verifyLog. */
import { LogError } from '@refold/core';
import { verifyLog } from '@refold/operations';
import type { Operation } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { isSet, usage } from '../options.ts';
import { counted, grouped } from '../output.ts';
import type { Output } from '../output.ts';
import { addressOf, streamArgument } from '../place-argument.ts';

/** What was not checked, and why it matters. */
const meanings: { readonly [kind: string]: string } = {
  unsealed: 'no signed tree head covers them yet',
  predecessor: 'the event before the range',
  unlinked: 'their place in the whole log',
  unreadable_state: 'states of streams that hold a broken event',
  erased_payload: 'erased on request; the proof that it was there is',
  covering_erasure: 'the event that says why',
};

type VerifyReport = typeof verifyLog extends Operation<infer _Input, infer Answer> ? Answer : never;

/** A word and its figures per line. */
function printPlain(output: Output, { ok, checked, streams, findings, tree, notChecked }: VerifyReport): void {
  output.line([ok ? 'ok' : 'not ok', checked, streams].join('\t'));
  for (const { code, stream, revision, position, detail } of findings) output.line(['finding', code, stream ?? '', revision ?? '', position ?? '', output.safe(detail)].join('\t'));
  if (tree !== null) output.line(['tree', tree.size, tree.root].join('\t'));
  for (const { kind, count } of notChecked) output.line(['not checked', kind, count].join('\t'));
}

export const verify = defineCommand({
  arguments: [{ name: '[stream]', doc: 'one stream; default: the whole log' }],
  options: [
    { flags: '--all', doc: 'the whole log (the default)' },
    { flags: '--state', doc: 'also folds with and without snapshots and compares' },
  ],
  examples: [
    ['refold verify', 'every event, chain and position'],
    ['refold verify PROJ-123 --state', 'one stream, and its state against its events'],
  ],
  async run(session, { arguments: [text], options }) {
    const { output, world } = session;
    if (text !== undefined && isSet(options, 'all')) throw usage('verify takes a stream or --all, not both.', 'usage');
    const connection = await session.connect();
    const stream = text === undefined ? undefined : addressOf(await streamArgument(connection, text));
    const startedAt = world.now();
    const report = await connection.call(verifyLog, { ...(stream === undefined ? {} : { stream }), ...(isSet(options, 'state') ? { state: true } : {}) });
    output.answer(report, () => {
      if (output.options.mode === 'plain') return printPlain(output, report);
      for (const finding of report.findings) output.line(`${output.style('red', finding.code)}  ${output.safe(finding.stream ?? '-')}${finding.revision === null ? '' : `@${finding.revision}`}  ${finding.position === null ? '' : `position ${finding.position}  `}${output.safe(finding.detail)}`);
      output.line(`${report.ok ? output.style('green', 'ok') : output.style('red', 'not ok')}  ${counted(report.checked, 'event')} of ${counted(report.streams, 'stream')}${report.statesCompared > 0 ? `, ${counted(report.statesCompared, 'state')} compared` : ''}`);
      if (report.tree !== null) output.line(`tree  size ${grouped(report.tree.size)}  root ${report.tree.root}`);
      output.line(`not checked: ${report.notChecked.length === 0 ? '0' : report.notChecked.map(({ kind, count }) => `${grouped(count)} ${kind}${meanings[kind] === undefined ? '' : ` (${meanings[kind]})`}`).join(', ')}`);
    });
    if (output.options.verbose > 0) output.note(`${world.now() - startedAt} ms`);
    if (report.ok) return 0;
    const [first] = report.findings;
    throw new LogError('INTEGRITY_VIOLATION', `${first?.stream ?? 'The log'}${first === undefined || first.revision === null ? '' : `@${first.revision}`}: ${first?.detail ?? 'is not what it says'}.`, {
      details: { reason: first?.code ?? 'finding', findings: report.findingsTotal, firstBadPosition: report.firstBadPosition },
      hint: 'Keep the file as it is, copy it, and compare with a backup.',
    });
  },
});
