/**
 * What a driver hands the conformance suite: how to open a log, how to restart it, how to reach it from elsewhere, how to
 * harm it. The declared capabilities alone decide which cases run; a hook that a capability asks for and that is missing is
 * an error at registration (`assertFixture`), so there is no quiet way around a case.
 */
import type { Capabilities, Clock, Linker, LogDriver } from '@refold/core';

export interface OpenOptions {
  /** The driver stamps `recordedAt` from it. Left out: the driver's own clock. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Left out: the driver links nothing and `leaf` is absent. */
  readonly linker?: Linker;
}

export interface Fixture {
  /** What the driver is expected to declare, field for field. */
  readonly capabilities: Capabilities;
  /** Opens a new, empty log. Names are unique per case: `a-z0-9-`, at most 60 characters. */
  open(name: string, options?: OpenOptions): Promise<LogDriver>;
  /** Opens a log that is there. Needed unless durability is 'memory'. The suite has closed (or killed) the earlier driver. */
  reopen?(name: string, options?: OpenOptions): Promise<LogDriver>;
  /** Opens a second connection beside open ones. Needed unless writers is 'one-process'. */
  connect?(name: string, options?: OpenOptions): Promise<LogDriver>;
  /** How a child process opens the log (see worker.ts). Needed unless durability is 'memory'. */
  readonly process?: WorkerModule;
  /** Restarts the server behind open drivers. Needed when writers is 'many-hosts'. */
  restartBackend?(name: string): Promise<void>;
  /** Makes another node the leader. Needed when cluster is true. */
  failOver?(name: string): Promise<void>;
  /** Ways to harm the files of a log. Needed unless durability is 'memory'. */
  readonly harm?: Harm;
  /** Removes a log and everything it stored. Left out: the case closes the log instead. */
  drop?(name: string): Promise<void>;
  /** 'ci' (default) or 'full' = the sizes as written in the contract. REFOLD_CONFORMANCE_SCALE overrides it. */
  readonly scale?: 'ci' | 'full';
}

export interface WorkerModule {
  /** URL (`file://...`) of a module with the export `openForWorker(argument: string): Promise<LogDriver>`. */
  readonly module: string;
  /** What `openForWorker` gets for the log of this name, for example the path of its file. */
  argument(name: string): string;
}

/** A reason in place of a hook says why this engine cannot have the fault; it is printed when the driver is enrolled. */
export type HarmHook<Hook> = Hook | { readonly impossible: string };

/** Hooks are called while no driver has the log open, unless they say otherwise. */
export interface Harm {
  /** Leaves the log as a crash in the middle of a write would: a half-written record at the end that was never acknowledged. */
  readonly tearTail: HarmHook<(name: string) => Promise<void>>;
  /** Opens the log so that the disk has no room (or fails); `heal` gives the room back without opening again. */
  readonly openOnFullDisk: HarmHook<(name: string) => Promise<{ readonly driver: LogDriver; heal(): Promise<void> }>>;
  /** Puts a copy aside, and puts it back by the driver's own way of restoring. */
  readonly backUp: HarmHook<(name: string) => Promise<{ restore(): Promise<void> }>>;
  /** Opens the log where nothing can be written. */
  readonly openReadOnly: HarmHook<(name: string) => Promise<LogDriver>>;
  /** Every byte the log has stored, after the driver's compaction. */
  readonly storedBytes: HarmHook<(name: string) => Promise<readonly Uint8Array[]>>;
  /** Changes what is stored, past the driver, so that the driver still opens. */
  readonly tamper: HarmHook<(name: string, change: Tampering) => Promise<void>>;
}

export type Tampering =
  /** One bit of the stored body. */
  | { readonly kind: 'flip-bit'; readonly position: number }
  | { readonly kind: 'remove'; readonly position: number }
  /** The contents (id, type, body) of two events of one stream change places; positions and leaves stay. */
  | { readonly kind: 'swap'; readonly positions: readonly [number, number] }
  /** Everything above the position goes, and the head with it. */
  | { readonly kind: 'truncate'; readonly position: number };

/** What a case asks for beyond `open`. Each follows from the capabilities. */
export type Need = 'restart' | 'process' | 'connections' | 'forget' | 'backend' | 'cluster' | keyof Harm;

/** The needs that a driver with these capabilities has to serve. */
export function servedNeeds(capabilities: Capabilities): ReadonlySet<Need> {
  const needs = new Set<Need>();
  if (capabilities.durability !== 'memory') {
    for (const need of ['restart', 'process', ...harmNames] as const) needs.add(need);
  }
  if (capabilities.writers !== 'one-process') needs.add('connections');
  if (capabilities.writers === 'many-hosts') needs.add('backend');
  if (capabilities.cluster) needs.add('cluster');
  if (capabilities.forget) needs.add('forget');
  return needs;
}

/** @throws Error naming the hook that the declared capabilities ask for and the fixture does not give. */
export function assertFixture(fixture: Fixture): void {
  const hooks: Partial<Record<Need, unknown>> = {
    restart: fixture.reopen,
    process: fixture.process,
    connections: fixture.connect,
    backend: fixture.restartBackend,
    cluster: fixture.failOver,
    forget: true,
    ...fixture.harm,
  };
  const missing = [...servedNeeds(fixture.capabilities)].filter((need) => hooks[need] === undefined);
  if (missing.length > 0) throw new Error(`the fixture declares capabilities that ask for hooks it does not give: ${missing.join(', ')}`);
}

const harmNames = ['tearTail', 'openOnFullDisk', 'backUp', 'openReadOnly', 'storedBytes', 'tamper'] as const satisfies readonly (keyof Harm)[];
