/**
 * F6 and F7: a library between a process and its C library that makes one kind of call on one kind of file fail: from the k-th
 * on, so many times, with an error or short by half. Everything else goes through.
 */
import { join } from 'node:path';
import { compileC } from './compile-c.ts';

export interface FailingCall {
  /** Both kinds of writing, and both of syncing. */
  readonly call: 'write' | 'sync';
  /** End of the file's path. */
  readonly file: string;
  /** 1 = the first. */
  readonly from: number;
  readonly times: number;
  /** By its number: 5 = EIO, 28 = ENOSPC. Half: a write takes half of what it was given and says so. */
  readonly how: 5 | 28 | 'half';
}

const source = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long seen = 0;

/* 0: let it through; else an error number, or -1 for half. */
static int fault(int descriptor, const char *call) {
  const char *wanted = getenv("FAULT_CALL"), *file = getenv("FAULT_FILE");
  if (wanted == NULL || file == NULL || strcmp(wanted, call) != 0) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  size_t end = strlen(file);
  if ((size_t)length < end || strcmp(path + length - end, file) != 0) return 0;
  long number = __sync_add_and_fetch(&seen, 1), from = atol(getenv("FAULT_FROM"));
  return number < from || number >= from + atol(getenv("FAULT_TIMES")) ? 0 : atoi(getenv("FAULT_HOW"));
}

#define REAL(type, name) static type real = NULL; if (real == NULL) real = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*write_call)(int, const void *, size_t);
typedef ssize_t (*pwrite_call)(int, const void *, size_t, off64_t);
typedef int (*sync_call)(int);

ssize_t write(int descriptor, const void *bytes, size_t count) {
  REAL(write_call, "write");
  int how = fault(descriptor, "write");
  if (how > 0) { errno = how; return -1; }
  return real(descriptor, bytes, how < 0 ? (count + 1) / 2 : count);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t place) {
  REAL(pwrite_call, "pwrite64");
  int how = fault(descriptor, "write");
  if (how > 0) { errno = how; return -1; }
  return real(descriptor, bytes, how < 0 ? (count + 1) / 2 : count, place);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t place) { return pwrite64(descriptor, bytes, count, place); }
int fsync(int descriptor) {
  REAL(sync_call, "fsync");
  int how = fault(descriptor, "sync");
  if (how > 0) { errno = how; return -1; }
  return real(descriptor);
}
int fdatasync(int descriptor) {
  REAL(sync_call, "fdatasync");
  int how = fault(descriptor, "sync");
  if (how > 0) { errno = how; return -1; }
  return real(descriptor);
}
`;

/** Compiles the library into a folder. Returns what a process needs in its environment for a call to fail. */
export function compileFailingCalls(folder: string): (fault: FailingCall) => NodeJS.ProcessEnv {
  const library = join(folder, 'failing-calls.so');
  compileC(source, library, ['-shared', '-fPIC']);
  return ({ call, file, from, times, how }) => ({
    ...process.env,
    LD_PRELOAD: library,
    FAULT_CALL: call,
    FAULT_FILE: file,
    FAULT_FROM: String(from),
    FAULT_TIMES: String(times),
    FAULT_HOW: how === 'half' ? '-1' : String(how),
  });
}
