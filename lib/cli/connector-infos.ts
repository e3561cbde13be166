import type { RestClient } from './rest-client.ts';

/** State of a connector or a task as the REST API answers it. */
export interface InstanceState {
  readonly state: string;
  readonly worker_id: string;
  readonly trace?: string;
}

/** What `GET /connectors/NAME/status` answers. */
export interface ConnectorStatus {
  readonly name: string;
  readonly type: string;
  readonly connector: InstanceState;
  readonly tasks: readonly ({ readonly id: number } & InstanceState)[];
}

/** What `GET /connectors/NAME` answers. */
export interface ConnectorInfo {
  readonly name: string;
  readonly type: string;
  readonly config: Readonly<Record<string, string | null>>;
  readonly tasks: readonly { readonly connector: string; readonly task: number }[];
}

export interface ListedConnector {
  readonly info: ConnectorInfo;
  readonly status: ConnectorStatus;
}

/** Every connector with configuration and status, by name; two requests would see two moments. */
export async function allConnectors(client: RestClient): Promise<ListedConnector[]> {
  const listed = (await client.call('GET', '/connectors?expand=info&expand=status')) as Record<string, Partial<ListedConnector>>;
  return Object.values(listed)
    .filter((each): each is ListedConnector => each.info !== undefined && each.status !== undefined)
    .sort((a, b) => (a.info.name < b.info.name ? -1 : 1));
}

export async function connectorStatus(client: RestClient, name: string): Promise<ConnectorStatus> {
  return (await client.connector('GET', name, '/status')) as ConnectorStatus;
}

export async function connectorInfo(client: RestClient, name: string): Promise<ConnectorInfo> {
  return (await client.connector('GET', name)) as ConnectorInfo;
}

/** `2/3`: how many tasks run. */
export function runningTasks({ tasks }: ConnectorStatus): string {
  return `${tasks.filter(({ state }) => state === 'RUNNING').length}/${tasks.length}`;
}
