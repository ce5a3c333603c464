/** Jobs: createJob, listJobs, getJob, startJob, pauseJob, resumeJob, cancelJob, jobLogs, followJobLogs. `rerun` and `compare` are commands of their own. */
import type { JobState } from '@refold/catalog';
import { cancelJob, createJob, followJobLogs, getJob, jobLogs, listJobs, pauseJob, resumeJob, startJob } from '@refold/operations';
import { actorGiven, actorOption } from '../actor-argument.ts';
import { defineCommand } from '../command.ts';
import type { Connection } from '../connection.ts';
import { given, isSet, listOf, textOf, usage, wholeNumberOf } from '../options.ts';
import type { Options } from '../options.ts';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { addressOf, streamArgument } from '../place-argument.ts';
import { jsonArgument } from '../read-input.ts';
import type { Session } from '../session.ts';

const verbs = { start: startJob, pause: pauseJob, resume: resumeJob, cancel: cancelJob } as const;

type Job = Awaited<ReturnType<typeof getJob.run>>;
type Lines = Awaited<ReturnType<typeof jobLogs.run>>['items'];

export const jobCommand = defineCommand({
  arguments: [
    { name: '<verb>', doc: 'what to do', choices: ['create', 'list', 'show', 'start', 'pause', 'resume', 'cancel', 'logs'] },
    { name: '[job]', doc: 'job/42 or 42; of a new one its id, default a new id' },
  ],
  options: [
    { flags: '--name <text>', doc: 'for create: what it is called; for list: only those' },
    { flags: '--input <json>', doc: 'for create: an object, @FILE or -' },
    { flags: '--params <json>', doc: 'for create: an object, @FILE or -' },
    { flags: '--step <name...>', doc: 'for create: its steps, in order' },
    { flags: '--start', doc: 'for create: it starts at once' },
    { flags: '--worker <id>', doc: 'for start: who works on it' },
    { flags: '--from-step <name>', doc: 'for resume: where it goes on' },
    { flags: '--reason <text>', doc: 'for pause, resume, cancel: why' },
    { flags: '--status <word>', doc: 'for list: only those with this status' },
    { flags: '--level <level>', doc: 'for logs: this one and the more severe ones', choices: ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] },
    { flags: '--after <line>', doc: 'for logs: only those after this line' },
    { flags: '-f, --follow', doc: 'for logs: goes on as lines come, until Ctrl-C' },
    { flags: '--limit <n>', doc: 'for list and logs: at most so many; default 100, with --follow all' },
    { flags: '--expected-revision <n>', doc: 'for start, pause, resume, cancel: revision last seen' },
    { flags: '--key <id>', doc: 'idempotency key: sent twice, done once' },
    actorOption,
  ],
  examples: [
    ['refold job create nightly --name deploy --step build,test --start', 'a job that runs at once'],
    ['refold job cancel 42 --reason enough', 'it is stopped for good'],
    ['refold job list --status paused', 'which stand still'],
  ],
  async run(session, { arguments: [verb = '', text], options }) {
    const connection = await session.connect();
    if (verb === 'list') return await list(session, connection, options);
    if (verb === 'create') return await create(session, connection, text, options);
    if (text === undefined) throw usage(`Which job to ${verb} is missing.`, 'usage', `refold job ${verb} ID`);
    const id = await jobId(connection, text);
    if (verb === 'show') return show(session.output, await connection.call(getJob, { id }));
    if (verb === 'logs') return await logs(session, connection, id, options);
    return await control(session, connection, verb as keyof typeof verbs, id, options);
  },
});

/** An id alone is a job's; nobody else is meant here. */
async function jobId(connection: Connection, text: string): Promise<string> {
  if (text.startsWith('job/')) return text.slice('job/'.length);
  if (!text.includes('/') && !text.startsWith('latest')) return text;
  const stream = await streamArgument(connection, text);
  if (stream.streamType !== 'job') throw usage(`${addressOf(stream)} is no job.`, 'no_job', 'refold job list');
  return stream.streamId;
}

async function create({ output, world }: Session, connection: Connection, id: string | undefined, options: Options): Promise<void> {
  const [input, params] = [textOf(options, 'input'), textOf(options, 'params')];
  const made = await connection.call(createJob, {
    actor: actorGiven(world, options),
    ...given({
      id: id?.replace(/^job\//, ''),
      name: textOf(options, 'name'),
      input: input === undefined ? undefined : await jsonArgument(world, input, '--input'),
      params: params === undefined ? undefined : await jsonArgument(world, params, '--params'),
      steps: listOf(options, 'step'),
      start: isSet(options, 'start') ? true : undefined,
      commitId: textOf(options, 'key'),
    }),
  });
  output.answer(made, () => output.line(lineOf(output, made)));
  output.hint(isSet(options, 'start') ? `refold job show ${made.streamId}` : `refold job start ${made.streamId}`);
}

async function control({ output, world }: Session, connection: Connection, verb: keyof typeof verbs, id: string, options: Options): Promise<void> {
  const done = await connection.call(verbs[verb], {
    id,
    actor: actorGiven(world, options),
    ...given({ ...(verb === 'start' ? { workerId: textOf(options, 'worker') } : { reason: textOf(options, 'reason') }), ...(verb === 'resume' ? { fromStep: textOf(options, 'fromStep') } : {}), commitId: textOf(options, 'key'), expectedRevision: wholeNumberOf(options, 'expectedRevision') }),
  });
  output.answer(done, () => output.line(lineOf(output, done)));
}

async function list({ output }: Session, connection: Connection, options: Options): Promise<void> {
  const limit = wholeNumberOf(options, 'limit', 1) ?? 100;
  const answer = await connection.call(listJobs, given({ status: textOf(options, 'status'), name: textOf(options, 'name'), limit }));
  output.answer(answer, ({ items }) =>
    output.table(items, [
      { title: 'status', text: (job) => stateOf(job).status },
      { title: 'job', text: (job) => addressOf(job), style: () => 'bold' },
      { title: 'progress', text: (job) => percent(stateOf(job)), align: 'right' },
      { title: 'step', text: (job) => stateOf(job).currentStep ?? '', isOptional: true },
      { title: 'name', text: (job) => stateOf(job).name ?? '', fills: true },
    ]),
  );
  output.note(`${counted(answer.items.length, 'job')}${answer.nextCursor === null ? '' : ', and more; --limit asks for more'}`);
}

function show(output: Output, job: Job): void {
  output.answer(job, () => {
    output.line(lineOf(output, job));
    output.table(stateOf(job).steps, [
      { title: 'status', text: (step) => step.status },
      { title: 'step', text: (step) => step.name, style: () => 'bold' },
      { title: 'attempt', text: (step) => (step.attempt === 0 ? '' : `attempt ${step.attempt}`), fills: true },
    ]);
  });
  output.hint(`refold history job/${job.streamId}     refold job logs ${job.streamId}`);
}

async function logs(session: Session, connection: Connection, id: string, options: Options): Promise<void> {
  const { output } = session;
  const asked = { id, ...given({ afterLine: wholeNumberOf(options, 'after'), level: textOf(options, 'level') }) };
  const limit = wholeNumberOf(options, 'limit', 1);
  if (isSet(options, 'follow')) return await followLogs(session, connection, asked, limit);
  const answer = await connection.call(jobLogs, { ...asked, ...given({ limit }) });
  if (output.options.mode === 'jsonl') for (const line of answer.items) output.record(line, () => {});
  else output.answer(answer, ({ items }) => print(output, items));
  output.note(`${counted(answer.items.length, 'line')}${answer.next === null ? '' : `, and more: --after ${answer.next}`}`);
}

async function followLogs({ output, world }: Session, connection: Connection, asked: { readonly id: string }, limit = Infinity): Promise<void> {
  let lines = 0;
  try {
    for await (const line of connection.stream(followJobLogs, asked)) {
      output.record(line, () => print(output, [line]));
      if (++lines >= limit) break;
    }
  } catch (error) {
    // Ctrl-C is how one stops following.
    if (!world.signal.aborted) throw error;
  }
  output.note(counted(lines, 'line'));
}

const print = (output: Output, items: Lines): void =>
  output.table(items, [
    { title: 'line', text: ({ line }) => String(line), align: 'right', style: () => 'dim' },
    { title: 'at', text: ({ at }) => output.instant(at), style: () => 'dim' },
    { title: 'level', text: ({ level }) => level, style: ({ level }) => (level === 'ERROR' || level === 'FATAL' ? 'red' : 'dim') },
    { title: 'step', text: ({ step }) => step ?? '', isOptional: true },
    { title: 'message', text: ({ message }) => message, fills: true },
  ]);

/** A stream of this type is folded by this aggregate. */
const stateOf = ({ state }: Pick<Job, 'state'>): JobState => state as unknown as JobState;

const percent = ({ progress }: JobState): string => `${Math.round(progress * 100)} %`;

function lineOf(output: Output, job: Job): string {
  const state = stateOf(job);
  return `${output.safe(addressOf(job, job.revision))}  ${state.status}  ${percent(state)}${state.currentStep === null ? '' : `  at ${output.safe(state.currentStep)}`}`;
}
