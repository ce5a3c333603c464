/** Disks of a test's own: one that is small (F5), and one whose power is cut (F3). Both need a superuser and Linux. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileC, whyNoCompiler } from './compile-c.ts';

/** Null where this process may mount. */
export function whyNoMounts(): string | null {
  if (process.platform !== 'linux') return 'disks are mounted on Linux only';
  if (process.getuid?.() !== 0) return 'mounting a disk needs the superuser';
  const folder = mkdtempSync(join(tmpdir(), 'refold-mount-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { encoding: 'utf8' });
  if (status === 0) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return status === 0 ? null : `this machine does not mount: ${stderr.trim()}`;
}

export interface SmallDisk {
  readonly folder: string;
  /** Gives it room while it is in use. */
  grow(bytes: number): void;
  unmount(): void;
}

export function mountSmallDisk(folder: string, bytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  return {
    folder,
    grow: (room) => void execFileSync('mount', ['-o', `remount,size=${room}`, folder]),
    unmount: () => void execFileSync('umount', [folder]),
  };
}

/** Null where an ext4 image can be mounted and cut. */
export function whyNoPowerCuts(): string | null {
  const reason = whyNoMounts() ?? whyNoCompiler();
  if (reason !== null) return reason;
  return spawnSync('mkfs.ext4', ['-V']).status === 0 ? null : 'there is no mkfs.ext4';
}

export interface CutDisk {
  readonly folder: string;
  /** From now on nothing that was not synced reaches the disk: what the journal holds in memory is lost (EXT4_IOC_SHUTDOWN without flush). */
  cut(): void;
  /** After the cut, when nobody has a file open: mounts what is on the disk. */
  mountAgain(): void;
  unmount(): void;
}

/** ext4 on an image file. It does not model a disk whose cache lies. */
export function mountCutDisk(folder: string): CutDisk {
  const [image, mounted, cutter] = [join(folder, 'disk.img'), join(folder, 'disk'), join(folder, 'cut')];
  mkdirSync(mounted, { recursive: true });
  compileC(cutSource, cutter);
  execFileSync('truncate', ['-s', '128M', image]);
  execFileSync('mkfs.ext4', ['-q', '-F', image]);
  const mount = (): void => void execFileSync('mount', ['-o', 'loop', image, mounted]);
  mount();
  return {
    folder: mounted,
    cut: () => void execFileSync(cutter, [mounted]),
    mountAgain() {
      execFileSync('umount', [mounted]);
      mount();
    },
    unmount: () => void execFileSync('umount', [mounted]),
  };
}

const cutSource = `
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
int main(int count, char **arguments) {
  uint32_t without_flush = 2;
  int folder = open(arguments[1], O_RDONLY);
  if (folder < 0 || ioctl(folder, 0x8004587d, &without_flush) != 0) { perror("cut"); return 1; }
  return 0;
}
`;
