/**
 * What the core needs from the world. It knows no clock, no randomness, no disk: the edge hands these in, a test hands in
 * manual ones, and the same core runs in a browser worker.
 */
import type { Meter } from './metering.ts';
import type { Tracer } from './tracing.ts';

export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /**
   * Milliseconds of processor time that this thread has spent so far; only differences mean something. What bounds work counts
   * this, because a busy machine takes time from a process that has done nothing wrong.
   */
  worked(): number;
  /** Resolves after `ms` milliseconds, or earlier when the signal aborts. Used for retries only, never for order. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves after the work that is ready now had its turn (one trip round the event loop). Long scans yield with it. */
  turn(): Promise<void>;
}

export interface IdSource {
  /** A new UUID text, lower case (version 7, or 4 under `ids: v4`). */
  uuid(): string;
}

export interface Hasher {
  /** SHA-256, 32 bytes. Synchronous: it runs once or more per event. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** HMAC-SHA-256, 32 bytes. */
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
}

export interface Randomness {
  /** `length` unpredictable bytes in a buffer of their own (implementations pool). */
  bytes(length: number): Uint8Array;
}

/** Makes a text small for keeping it in memory. Nothing that was packed outlives the process, so its form is nobody's contract. */
export interface Packer {
  /** @param base  What `pack` alone made of a text that this one resembles, so that it takes less room; `unpack` needs the same one. */
  pack(text: string, base?: Uint8Array): Uint8Array;
  unpack(packed: Uint8Array, base?: Uint8Array): string;
}

/** Makes stored bytes small, in a form that every process can read: gzip (RFC 1952). */
export interface Gzip {
  pack(bytes: Uint8Array): Uint8Array;
  /** @param bytesMax  It throws rather than unpack more; and for bytes that are no gzip. */
  unpack(packed: Uint8Array, bytesMax: number): Uint8Array;
}

export interface Ports {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly hasher: Hasher;
  readonly randomness: Randomness;
  /** Without one, states are kept as text, and so fewer of them. */
  readonly packer?: Packer;
  /** Without one, snapshots are stored as they are, and those that another process packed are not used. */
  readonly gzip?: Gzip;
  /** Without one nothing is traced. */
  readonly tracer?: Tracer;
  /** Without one nothing is counted. */
  readonly meter?: Meter;
}
