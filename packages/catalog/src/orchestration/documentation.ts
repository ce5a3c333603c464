/** Documents that came out of the work. */
import type { DocumentState, WorkFields } from './work.ts';
import { partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { payload, string } from '../payload.ts';
import { readId, readText, shown, tail } from '../read.ts';
import { listFact } from '../run-parts/keep.ts';
import type { FoldEvent } from '@refold/core';

const outside = { policy: 'tolerate', category: 'documentation', effect: 'non-repeatable' } as const;

export const documentationEvents = <S extends WorkFields>(): Events<S> => ({
  'documentation.created': {
    doc: 'A document was written as a file.',
    ledger: ['A-052'],
    aliases: { jira: 'DocumentationCreated' },
    schema: payload({ path: string }, { title: string, doc_type: string }),
    ...outside,
    entity: partOf('document', 'path'),
    summary: ({ data }) => `Document ${shown(data['path'])} written${tail(': ', data['title'])}`,
    evolve: (draft, event) => listFact(draft.documents, draft.totals.documents, documentOf('file', 'path', event)),
  },
});

export const confluenceEvents = <S extends WorkFields>(): Events<S> => ({
  'confluence_page.created': {
    doc: 'A Confluence page was published.',
    ledger: ['A-053'],
    aliases: { jira: 'ConfluencePageCreated' },
    schema: payload({ page_id: string, title: string }, { space_key: string, url: string }),
    ...outside,
    entity: partOf('document', 'page_id'),
    summary: ({ data }) => `Confluence page published: ${shown(data['title'])}`,
    evolve: (draft, event) => listFact(draft.documents, draft.totals.documents, documentOf('confluence', 'page_id', event)),
  },
});

const documentOf = (kind: DocumentState['kind'], key: string, { id, data, occurredAt }: FoldEvent): DocumentState => ({
  kind,
  key: readId(data[key]) ?? id,
  title: readText(data['title']),
  url: readText(data['url']),
  at: occurredAt,
});
