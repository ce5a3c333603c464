/** The driver's enrolment in the suite that every driver runs. */
import { conformance } from '@refold/testing';
import { sqliteFixture } from './sqlite-fixture.ts';
import { temporaryFolder } from './temporary-folder.ts';

conformance('sqlite', sqliteFixture(temporaryFolder()));
