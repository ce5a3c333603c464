/** Cached folds: listSnapshots, createSnapshot, verifySnapshots, collectSnapshots. */
import { collectSnapshots, createSnapshot, listSnapshots, verifySnapshots } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { given, usage } from '../options.ts';
import { counted, grouped } from '../output.ts';
import { addressOf, placeArgument, revisionAt } from '../place-argument.ts';
import { numberText } from '../render/event-rows.ts';

export const snapshot = defineCommand({
  arguments: [
    { name: '<verb>', doc: 'what to do', choices: ['list', 'create', 'verify', 'gc'] },
    { name: '[place]', doc: 'a stream; for create also STREAM@12. verify and gc take every stream without one' },
  ],
  options: [],
  examples: [
    ['refold snapshot create PROJ-123', 'keep the newest state for good'],
    ['refold snapshot list PROJ-123', 'what is kept'],
    ['refold snapshot verify', 'does every one still hold? exit 8 when one does not'],
    ['refold snapshot gc', 'remove what is not needed'],
  ],
  async run(session, { arguments: [verb, text] }) {
    const { output } = session;
    const connection = await session.connect();
    const named = text === undefined ? null : await placeArgument(connection, text);
    const stream = named === null ? {} : given({ stream: addressOf(named) });
    if (verb === 'verify') {
      const report = await connection.call(verifySnapshots, stream);
      output.answer(report, ({ faults }) => {
        if (report.ok && output.options.mode !== 'plain') output.line(`${output.style('green', 'ok')}  ${counted(report.checked, 'snapshot')} of ${counted(report.streams, 'stream')}`);
        output.table(faults, [
          { title: 'place', text: (fault) => `${fault.stream}@${fault.revision}`, style: () => 'bold' },
          { title: 'fault', text: ({ fault }) => fault, style: () => 'red' },
        ]);
      });
      if (!report.ok) output.note(`${counted(report.faultsTotal, 'snapshot')} of ${grouped(report.checked)} do not hold; they are never used, and states are folded without them`);
      return report.ok ? 0 : integrityExit;
    }
    if (verb === 'gc') {
      const { streams, removed, ...rest } = await connection.call(collectSnapshots, stream);
      return output.answer({ streams, removed, ...rest }, () => output.line(`${counted(removed, 'snapshot')} removed in ${counted(streams, 'stream')}`));
    }
    if (named === null) throw usage('A stream is missing.', 'usage', `refold snapshot ${verb} STREAM`);
    const { place, ...address } = named;
    if (verb === 'create') {
      const made = await connection.call(createSnapshot, { ...address, ...(place === undefined ? {} : { revision: await revisionAt(connection, address, place) }) });
      return output.answer(made, () => output.line(`${output.safe(addressOf(address, made.revision))}  ${grouped(made.bytes)} bytes  state hash ${made.stateHash.slice(0, 12)}`));
    }
    const answer = await connection.call(listSnapshots, address);
    output.answer(answer, ({ items }) =>
      output.table(items, [
        { title: 'place', text: ({ revision }) => `@${numberText(output, revision)}`, align: 'right' },
        { title: 'kept', text: ({ pinned }) => (pinned ? 'pinned' : '') },
        { title: 'bytes', text: ({ bytes }) => numberText(output, bytes), align: 'right' },
        { title: 'state hash', text: ({ stateHash }) => stateHash.slice(0, 12), style: () => 'dim' },
        { title: 'fold', text: ({ foldVersion }) => foldVersion, fills: true },
      ]),
    );
    output.note(counted(answer.items.length, 'snapshot'));
  },
});

const integrityExit = 8;
