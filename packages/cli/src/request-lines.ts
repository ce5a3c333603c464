/** What a server says about its requests on stderr: JSON lines for programs, one short line on a terminal, from a level on. */
import type { DoneRequest, FailedRequest, RequestLog } from '@refold/server';
import type { Config } from './config/schema.ts';
import type { Session } from './session.ts';

type Level = Config['event_sourcing']['telemetry']['log_level'];
const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** What wrote to the log is news; what only read, or was refused, is for who looks closer (`-v`). */
function levelOf(request: DoneRequest | FailedRequest): Level {
  if (request.status >= 500) return 'error';
  return request.message === 'request done' && request.events !== undefined ? 'info' : 'debug';
}

export function requestLinesTo({ output, world, globals }: Pick<Session, 'output' | 'world' | 'globals'>, configured: Level): RequestLog {
  const least = levels.indexOf(globals.verbose > 0 && configured !== 'trace' ? 'debug' : configured);
  const isForPeople = world.stderrIsTerminal && output.options.mode === 'text';

  function tell(request: DoneRequest | FailedRequest): void {
    const level = levelOf(request);
    if (levels.indexOf(level) < least) return;
    const { message, ...fields } = request;
    output.note(isForPeople ? shortLine(request) : JSON.stringify({ at: new Date(world.now()).toISOString(), level, message, ...fields }));
  }

  return {
    done: tell,
    failed({ error, ...line }) {
      tell(line);
      if (error instanceof Error && globals.verbose > 0) output.note(error.stack ?? error.message);
    },
  };
}

function shortLine(request: DoneRequest | FailedRequest): string {
  const { method, route, status, durationMs, requestId } = request;
  const outcome = request.message === 'request failed' ? `${request.code}${request.reason === undefined ? '' : ` (${request.reason})`}, request ${requestId}` : request.stream === undefined ? '' : `${request.stream}@${request.revision}, position ${request.position}`;
  return `refold: ${method} ${route ?? '(no route)'} ${status} in ${durationMs} ms  ${outcome}`.trimEnd();
}
