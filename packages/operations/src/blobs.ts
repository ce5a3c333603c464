/** Blobs: values too large for an event, in and out. */
import { LogError, base64Of, bytesOfBase64 } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { count } from './shapes.ts';

const blobRef = z.object({ sha256: z.string(), bytes: count, mediaType: z.string() }).meta({ id: 'BlobRef' });

export const putBlob = defineOperation({
  name: 'putBlob',
  doc: 'Stores content that is too large for an event; the answer goes into the payload in its place.',
  scope: 'append',
  kind: 'write',
  streamsOf: () => [],
  input: z.object({ base64: z.string(), mediaType: z.string().optional(), sha256: z.string().optional().meta({ description: 'What the content should be; anything else is refused.' }) }),
  output: z.object({ $blob: blobRef }),
  http: { method: 'POST', path: '/blobs', status: 201 },
  run: async ({ log }, { base64, mediaType, sha256 }) => {
    const content = bytesOfBase64(base64);
    if (content === null) throw new LogError('BAD_REQUEST', 'The content is not base64.', { details: { reason: 'base64', pointer: '/base64' }, hint: 'Use the standard alphabet with padding.' });
    return await log.blobs.put(content, { ...(mediaType === undefined ? {} : { mediaType }), ...(sha256 === undefined ? {} : { sha256 }) });
  },
});

export const getBlob = defineOperation({
  name: 'getBlob',
  doc: 'The content of a blob.',
  scope: 'read',
  input: z.object({ sha256: z.string() }),
  output: blobRef.extend({ base64: z.string() }),
  http: { method: 'GET', path: '/blobs/{sha256}', immutable: true },
  run: async ({ log }, { sha256 }) => {
    const found = await log.blobs.get(sha256.toLowerCase());
    if (found === null) throw new LogError('NOT_FOUND', `There is no blob ${sha256}.`, { details: { reason: 'blob', sha256 }, hint: 'Check the digest in the payload.' });
    return { ...found.ref, base64: base64Of(found.content) };
  },
});
