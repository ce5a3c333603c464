/** The driver's enrolment in the suite that every driver runs. */
import { conformance, temporaryFolder } from '@refold/testing';
import { sqliteFixture } from './sqlite-fixture.ts';

conformance('sqlite', sqliteFixture(temporaryFolder()));
