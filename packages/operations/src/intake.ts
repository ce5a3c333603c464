/** Producers' formats in. The translators are pure; here they meet the log. They are many, so they are loaded by the first import. */
import { createDialects } from '@refold/catalog';
import { LogError, encodeUtf8 } from '@refold/core';
import type { ImportResult, IntakeReport, Producer, SourceFile } from '@refold/intake';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { flag } from './inputs.ts';
import { count, jsonObject } from './shapes.ts';

export interface ImportRequest {
  /** Name of a producer, or "auto": recognised by content. */
  readonly producer: string;
  readonly files: readonly SourceFile[];
  readonly dryRun?: boolean;
  readonly assumedOffsetMinutes?: number;
  readonly importedBy?: string;
  /** Histories of one run that disagree: kept beside each other (default), or refused. */
  readonly variants?: 'keep' | 'refuse';
  /** The run a file belongs to, where it does not say so itself. */
  readonly runId?: string;
  readonly onProgress?: (progress: { readonly report: IntakeReport; readonly result: ImportResult }) => void;
}

export interface ImportOutcome {
  readonly producer: string;
  readonly report: IntakeReport;
  readonly result: ImportResult;
}

/**
 * Imports files; again adds nothing.
 *
 * @throws LogError NOT_FOUND for a producer nobody knows; BAD_REQUEST `format` for a file nobody recognises.
 */
export async function importFiles({ log, signal }: OperationContext, request: ImportRequest): Promise<ImportOutcome> {
  const { createIdentity, createProducers, createReport, importCommits } = await import('@refold/intake');
  // The documents' forms are read with the types that the log knows.
  const producer = await producerFor(createProducers(createDialects(log.registry)), request);
  const report = createReport();
  const { hasher, clock } = log.ports;
  const commits = producer.translate(request.files, {
    hasher,
    clock,
    report,
    recorded: (id) => log.event(id),
    ...(request.variants === undefined ? {} : { variants: request.variants }),
    ...(request.runId === undefined ? {} : { runId: request.runId }),
    ...(request.assumedOffsetMinutes === undefined ? {} : { assumedOffsetMinutes: request.assumedOffsetMinutes }),
    ...(request.importedBy === undefined ? {} : { importedBy: request.importedBy }),
  });
  const result = await importCommits(log, commits, {
    idOf: createIdentity(hasher).idOf,
    dryRun: request.dryRun ?? false,
    ...(signal === undefined ? {} : { signal }),
    ...(request.onProgress === undefined ? {} : { onProgress: (progress: ImportResult) => request.onProgress?.({ report, result: progress }) }),
  });
  return { producer: producer.name, report, result };
}

async function producerFor(producers: readonly Producer[], { producer: name, files }: ImportRequest): Promise<Producer> {
  const known = producers.map((producer) => producer.name);
  if (name !== 'auto') {
    const producer = producers.find((candidate) => candidate.name === name);
    if (producer === undefined) throw new LogError('NOT_FOUND', `There is no producer ${name}.`, { details: { reason: 'producer', known }, hint: `Use one of ${known.join(', ')}, or auto.` });
    return producer;
  }
  const { readHead, recognise } = await import('@refold/intake');
  for (const file of files) {
    const producer = recognise(producers, file.name, await readHead(file));
    if (producer !== null) return producer;
  }
  throw new LogError('BAD_REQUEST', 'Nobody recognises the format of these files.', { details: { reason: 'format', known }, hint: `Name the producer: ${known.join(', ')}.` });
}

export const importRecords = defineOperation({
  name: 'importRecords',
  doc: 'Imports the records of one document in a producer\'s format; again adds nothing.',
  scope: 'append',
  kind: 'write',
  // Records name the actors of a run that is over, and are kept as they are.
  alsoNeeds: 'actor:override',
  input: z.object({ producer: z.string().default('auto'), name: z.string().default('upload.jsonl'), text: z.string(), dryRun: flag.optional() }),
  output: z.object({ producer: z.string(), new: count, alreadyPresent: count, eventsWritten: count, refused: z.array(jsonObject), report: jsonObject }),
  http: { method: 'POST', path: '/import' },
  run: async (context, { producer, name, text, dryRun }) => {
    const outcome = await importFiles(context, { producer, files: [{ name, open: () => [encodeUtf8(text)] }], ...(dryRun === undefined ? {} : { dryRun }) });
    return await outcomeJson(outcome);
  },
});

type OutcomeJson = { producer: string; new: number; alreadyPresent: number; eventsWritten: number; refused: z.infer<typeof jsonObject>[]; report: z.infer<typeof jsonObject> };

/** The answer as it goes over a wire. */
export async function outcomeJson({ producer, report, result }: ImportOutcome): Promise<OutcomeJson> {
  const { reportJson } = await import('@refold/intake');
  return {
    producer,
    new: result.new,
    alreadyPresent: result.alreadyPresent,
    eventsWritten: result.eventsWritten,
    refused: result.refused.map((refused) => ({ ...refused })),
    // Figures, texts and places only: JSON by construction.
    report: reportJson(report) as z.infer<typeof jsonObject>,
  };
}
