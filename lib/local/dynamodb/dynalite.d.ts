declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Makes the server; `path` = folder of its LevelDB, in memory where absent. */
  function dynalite(options?: {
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }): Server;
  export = dynalite;
}
