/** Exit codes of every command (documented in docs/cli.md). */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Bad usage or bad configuration. */
  usage: 2,
  /** Kafka, the state table or the REST API cannot be reached. */
  unreachable: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
