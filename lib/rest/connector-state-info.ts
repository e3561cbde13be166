import { exactlyOnceInForce } from '../config/exactly-once.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { ConnectorManifest } from '../core/manifest.ts';
import type { SourceConnector } from '../core/source.ts';
import { pluginVersion } from '../plugins/plugin-version.ts';
import type { ConnectorState } from '../state/config-store.ts';
import type { TaskState, TaskStatus } from '../state/status-store.ts';
import { type KnownConnector, manifestOf } from './connector-info.ts';
import type { RestDeps } from './rest-deps.ts';

/** State of a connector or a task in an answer. */
interface InstanceState {
  readonly state: TaskState;
  readonly worker_id: string;
  readonly version?: string | null;
  readonly trace?: string;
}

/** What Connect calls ConnectorStateInfo. */
export interface ConnectorStateInfo {
  readonly name: string;
  readonly connector: InstanceState;
  readonly tasks: readonly ({ readonly id: number } & InstanceState)[];
  readonly type: 'source' | 'sink' | 'unknown';
  /** Ours, of sources that write in transactions: the promise in force. Without it: at least once. */
  readonly delivery?: 'exactly-once' | 'at-least-once';
}

/** The status of a connector: what the state says of it, and what its tasks last reported (read where it is not given). */
export async function connectorStateInfo(
  deps: RestDeps,
  known: KnownConnector,
  statuses?: readonly TaskStatus[],
): Promise<ConnectorStateInfo> {
  const { state, stored } = known;
  const manifest = manifestOf(deps.plugins, stored);
  const version = manifest === null ? {} : { version: pluginVersion(manifest) ?? deps.version };
  const reported = new Map((statuses ?? (await deps.stores.status.tasks(state.name))).map((status) => [status.task, status]));
  return {
    name: state.name,
    connector:
      state.error === null
        ? { state: connectorStateOf(state), worker_id: deps.workerId, ...version }
        : // Connect does not know the version of a connector that did not start
          { state: 'FAILED', worker_id: deps.workerId, version: null, trace: state.error },
    tasks: Array.from({ length: state.taskCount }, (_, task) => {
      const status = reported.get(task);
      const current = status?.generation === state.generation ? status : undefined;
      return {
        id: task,
        state: taskStateOf(state, current),
        worker_id: current?.workerId ?? deps.workerId,
        ...version,
        ...(current?.trace == null || current.trace === '' ? {} : { trace: current.trace }),
      };
    }),
    type: manifest?.kind ?? 'unknown',
    ...(manifest?.kind === 'source' && exactlyOnceInForce(stored.config, deps.workerProps)
      ? { delivery: await deliveryOf(manifest, stored.config) }
      : {}),
  };
}

/** Transactions alone are no promise: the source must be able to go on from each of its offsets. */
async function deliveryOf(manifest: ConnectorManifest, config: ConnectorProps): Promise<'exactly-once' | 'at-least-once'> {
  try {
    const connector = new (await manifest.load())() as SourceConnector;
    return connector.exactlyOnceSupport?.(config) === 'SUPPORTED' ? 'exactly-once' : 'at-least-once';
  } catch {
    return 'at-least-once';
  }
}

function connectorStateOf(state: ConnectorState): TaskState {
  if (state.targetState !== 'STARTED') return state.targetState;
  return state.plannedVersion === 0 ? 'UNASSIGNED' : 'RUNNING';
}

/** A task that let go of its work because the connector is PAUSED is PAUSED; a FAILED one stays so. */
function taskStateOf({ targetState }: ConnectorState, status: TaskStatus | undefined): TaskState {
  const state = status?.state ?? 'UNASSIGNED';
  return targetState === 'PAUSED' && state === 'UNASSIGNED' ? 'PAUSED' : state;
}
