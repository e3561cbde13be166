/** What a deployment fixes: functions, schedules, permissions and triggers were made from it, so REST cannot change it (design §3). */
export interface DeploymentPolicy {
  /** The pipeline file, as whoever deployed it named it: where such a change belongs. */
  readonly file: string;
  /** Connectors of the deployment by name; others cannot be created. */
  readonly connectors: Readonly<Record<string, DeployedConnector>>;
}

/** One connector of a deployment. */
export interface DeployedConnector {
  /** Keys that its functions, permissions or triggers were derived from, beside those that every deployment fixes. */
  readonly fixedKeys: readonly string[];
}
