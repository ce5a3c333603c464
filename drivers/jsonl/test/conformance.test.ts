/** The driver's enrolment in the suite that every driver runs. */
import { conformance } from '@refold/testing';
import { jsonlFixture } from './jsonl-fixture.ts';
import { temporaryFolder } from './temporary-folder.ts';

conformance('jsonl', jsonlFixture(temporaryFolder()));
