import { execFileSync } from 'node:child_process';

/** Unpacks bzip2 by the system's own program. */
export function bunzip2(bytes: Buffer): Buffer {
  return execFileSync('python3', ['-c', 'import sys,bz2; sys.stdout.buffer.write(bz2.decompress(sys.stdin.buffer.read()))'], {
    input: bytes,
  });
}
