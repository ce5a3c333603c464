/** The whole suite on the PostgreSQL of this machine. */
import { enrol } from './enrol.ts';

enrol('postgres', 'system');
