/** The whole suite on the PostgreSQL of this machine. */
import { enrol } from './enrol.ts';

enrol('postgres (D-059, D-104)', 'system');
