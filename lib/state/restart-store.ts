/** Somebody asked for a restart; the owner of the task, or the next one, does it. */
export interface RestartRequest {
  /** null = the connector itself. */
  readonly task: number | null;
  /** A later request for the same task replaces an earlier one; `id` tells them apart. */
  readonly id: string;
  readonly requestedAtMs: number;
}

/** Requests for restarts, one per task and one for the connector. */
export interface RestartStore {
  request(connector: string, task: number | null, nowMs: number): Promise<RestartRequest>;
  /** Open requests: the connector's first, then by task. */
  list(connector: string): Promise<RestartRequest[]>;
  /** Connectors with open requests. Of the index: may lag behind a write by moments. */
  connectors(): Promise<string[]>;
  /** It was done; a later request for the same task stays open. */
  done(connector: string, request: RestartRequest): Promise<void>;
}
