/** An opened store for the verbs of `EventStore`: opens on first use, finds streams by what people call them, runs operations. */
import { parseStreamAddress, replayHandlers } from '@refold/core';
import type { GitContext, JsonObject, ReplayHandler } from '@refold/core';
import { resolveStream, runOperation } from '@refold/operations';
import type { Operation, OperationContext } from '@refold/operations';
import { environmentOf } from './environment.ts';
import type { EnvironmentFact } from './environment.ts';
import { readGitContext } from './git-context.ts';
import { openStore } from './open.ts';
import type { OpenOptions, OpenedStore } from './open.ts';

/** A stream by address `type/id`, by issue key, or by an id that names one stream only. */
export type StreamRef = string | StreamAddress;

export interface StreamAddress {
  readonly streamType: string;
  readonly streamId: string;
}

export interface EventStoreOptions extends OpenOptions {
  /** `sqlite:PATH`, `postgres://USER@HOST/DATABASE?log=NAME` or `memory:`. Default: `REFOLD_STORE` of the environment, else `sqlite:.refold/log.db`. */
  readonly url?: string;
  /** What is added to events that do not say it themselves. Default nothing. */
  readonly enrich?: {
    /** The state of the code in the working folder, or in another one. */
    readonly git?: boolean | string;
    /** Where it runs, in `metadata.environment`: these facts and no others. */
    readonly environment?: readonly EnvironmentFact[];
  };
}

export class StoreSession {
  readonly options: EventStoreOptions;
  #opened: Promise<OpenedStore> | null = null;
  /** Handlers that were registered after the store was made, in that order; kept when it is opened anew. */
  readonly handlers: (readonly [type: string, handler: ReplayHandler])[] = [];

  constructor(options: EventStoreOptions) {
    this.options = options;
  }

  /** @throws LogError of the engine; the next call tries again. */
  opened(): Promise<OpenedStore> {
    if (this.#opened !== null) return this.#opened;
    const { url = process.env['REFOLD_STORE'] ?? 'sqlite:.refold/log.db', enrich: _enrich, ...options } = this.options;
    const opening = openStore(url, options);
    this.#opened = opening;
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = null;
    });
    return opening;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await (await opened)?.close();
  }

  async context(signal?: AbortSignal): Promise<OperationContext & Pick<OpenedStore, 'replay'>> {
    const { log, search, installation, replay } = await this.opened();
    const handlers = new Map([...replay.handlers, ...this.handlers.flatMap(([type, handler]) => [...replayHandlers({ [type]: handler }, log.registry)])]);
    return { log, search, installation, replay: { ...replay, handlers }, ...(signal === undefined ? {} : { signal }) };
  }

  async run<I, O>(operation: Operation<I, O>, input: object): Promise<O> {
    return await runOperation(operation, await this.context(), input);
  }

  /** The state of the code, for who asked that events carry it. */
  async gitContext(): Promise<GitContext | null> {
    const { git = false } = this.options.enrich ?? {};
    return git === false ? null : await readGitContext(git === true ? process.cwd() : git);
  }

  /** Facts of the environment, for who asked that events carry some. @throws LogError BAD_CONFIG `environment`. */
  environment(): JsonObject | null {
    const { environment = [] } = this.options.enrich ?? {};
    return environment.length === 0 ? null : environmentOf(environment);
  }

  /**
   * The stream that somebody means. An issue key is its orchestration; where there is none, an id like any other, since
   * codes of tasks and sprints look the same.
   *
   * @throws LogError NOT_FOUND, AMBIGUOUS_STREAM {candidates} for an id alone; BAD_STREAM_ADDRESS.
   */
  async address(stream: StreamRef): Promise<StreamAddress> {
    if (typeof stream !== 'string' || stream.includes('/')) return addressOf(stream);
    if (issueKeyPattern.test(stream) && (await (await this.opened()).log.stream(addressText(addressOf(stream)))) !== null) return addressOf(stream);
    return await this.run(resolveStream, { id: stream });
  }
}

const issueKeyPattern = /^[A-Z][A-Z0-9_]+-[0-9]+$/;

/**
 * The address of a stream that need not exist. An issue key alone is its orchestration.
 *
 * @throws LogError BAD_STREAM_ADDRESS for an id alone.
 */
export function addressOf(stream: StreamRef): StreamAddress {
  if (typeof stream !== 'string') return { streamType: stream.streamType, streamId: stream.streamId };
  return parseStreamAddress(issueKeyPattern.test(stream) ? `orchestration/${stream}` : stream);
}

export const addressText = ({ streamType, streamId }: StreamAddress): string => `${streamType}/${streamId}`;
