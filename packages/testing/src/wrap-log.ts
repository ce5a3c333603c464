/** The same log with some functions replaced. Calls go to the log itself, so it may be a class with private state. */
import type { LogDriver } from '@refold/core';

export function wrapLog(driver: LogDriver, replaced: Partial<LogDriver>): LogDriver {
  return {
    capabilities: driver.capabilities,
    append: (commits) => driver.append(commits),
    read: (request, signal) => driver.read(request, signal),
    head: () => driver.head(),
    streams: (request) => driver.streams(request),
    watch: (after, signal) => driver.watch(after, signal),
    kvGet: (key) => driver.kvGet(key),
    kvPut: (key, value, expect) => driver.kvPut(key, value, expect),
    kvList: (prefix, after, limit) => driver.kvList(prefix, after, limit),
    forget: (positions, reason) => driver.forget(positions, reason),
    close: () => driver.close(),
    ...replaced,
  };
}
