/** What starts the functions of a deployment, as far as it can be worked by hand. */
export interface Triggers {
  /** Starts a function's tick now; resolves when the event is queued. With `restart` it looks for requests to start something anew. */
  tick(functionName: string, event: { readonly restart?: true }): Promise<void>;
  /** Lets an event source mapping (by its UUID) feed its function, from where it stopped. Resolves when that was accepted. */
  enable(mapping: string): Promise<void>;
  /** Stops an event source mapping; a batch in flight ends first. Resolves when that was accepted. */
  disable(mapping: string): Promise<void>;
}
