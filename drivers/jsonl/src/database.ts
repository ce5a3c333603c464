/** An open database file, as the engine's library gives it. */
import type Database from 'better-sqlite3';

export type Connection = Database.Database;
