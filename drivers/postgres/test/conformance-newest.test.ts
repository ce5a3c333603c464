/** The whole suite on the newest PostgreSQL that npm has. */
import { enrol } from './enrol.ts';

enrol('postgres newest', 'newest');
