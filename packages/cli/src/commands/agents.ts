/** What each agent did: agentMetrics. */
import { agentMetrics } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { filterInput, filterOptions } from '../filter-options.ts';
import { counted } from '../output.ts';
import { durationText } from '../render/duration-text.ts';
import { numberText } from '../render/event-rows.ts';

export const agents = defineCommand({
  arguments: [{ name: '[metrics]', doc: 'the word may stand here', choices: ['metrics'] }],
  options: filterOptions,
  examples: [
    ['refold agents', 'every agent of the log'],
    ['refold agents metrics --issue PROJ-123', 'those of one issue'],
  ],
  async run(session, { options }) {
    const { output } = session;
    const answer = await (await session.connect()).call(agentMetrics, await filterInput(session, options));
    const rows = Object.entries(answer.items);
    const isPlain = output.options.mode === 'plain';
    output.answer(answer, () =>
      output.table(rows, [
        { title: 'agent', text: ([name]) => name, style: () => 'bold' },
        { title: 'status', text: ([, agent]) => agent.status, style: ([, agent]) => (agent.status === 'failed' ? 'red' : 'green') },
        { title: 'runs', text: ([, agent]) => numberText(output, agent.runs), align: 'right' },
        { title: 'failures', text: ([, agent]) => numberText(output, agent.failures), align: 'right' },
        { title: isPlain ? 'seconds' : 'last took', text: ([, agent]) => (agent.durationSeconds === null ? '-' : isPlain ? String(agent.durationSeconds) : durationText(agent.durationSeconds * 1_000)), align: 'right' },
        { title: 'quality', text: ([, agent]) => (agent.qualityScore === null ? '-' : String(agent.qualityScore)), align: 'right' },
        { title: 'tokens in', text: ([, agent]) => numberText(output, agent.tokensInput), align: 'right', isOptional: true },
        { title: 'tokens out', text: ([, agent]) => numberText(output, agent.tokensOutput), align: 'right', isOptional: true },
      ], { header: true }),
    );
    output.note(counted(rows.length, 'agent'));
  },
});
