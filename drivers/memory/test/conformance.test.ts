/** The driver's enrolment in the suite that every driver runs. Linked logs are opened by the cases that are about links. */
import { openMemoryLog } from '@refold/driver-memory';
import { conformance } from '@refold/testing';
import { memoryFixture } from './memory-fixture.ts';

conformance('memory', memoryFixture(openMemoryLog));
