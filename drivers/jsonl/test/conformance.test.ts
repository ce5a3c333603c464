/** The driver's enrolment in the suite that every driver runs. */
import { conformance, temporaryFolder } from '@refold/testing';
import { jsonlFixture } from './jsonl-fixture.ts';

conformance('jsonl', jsonlFixture(temporaryFolder()));
