import type { ConnectorProps } from '../../core/connector.ts';
import { NotFoundException } from '../../core/errors.ts';
import type { ConfigStore, ConnectorState, StoredConfig, TargetState } from '../config-store.ts';
import { StateConflictException } from '../errors.ts';
import { BY_HAND } from '../fencing.ts';
import { CONFIG_LIMIT_BYTES, CONNECTOR_ERROR_LIMIT_BYTES, cutAtBytes, requireFits } from '../limits.ts';
import type { MemoryConnector, MemoryState } from './memory-state.ts';

/** The reference of {@link ConfigStore}. */
export class MemoryConfigStore implements ConfigStore {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async list(): Promise<ConnectorState[]> {
    return [...this.#state.connectors.values()]
      .map((connector) => connector.state)
      .filter((state) => state !== null)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async connector(name: string): Promise<ConnectorState | null> {
    return this.#state.connectors.get(name)?.state ?? null;
  }

  async config(name: string): Promise<StoredConfig | null> {
    return this.#state.connectors.get(name)?.config ?? null;
  }

  async putConfig(name: string, write: Parameters<ConfigStore['putConfig']>[1]): Promise<StoredConfig> {
    requireFits(`configuration of ${name}`, JSON.stringify(write.config), CONFIG_LIMIT_BYTES);
    const connector = this.#state.of(name);
    const found = connector.config?.version ?? 0;
    if (found !== write.expectedVersion) {
      throw new StateConflictException(
        `configuration of ${name} not written: version ${write.expectedVersion} expected, found ${found}; read it again`,
      );
    }
    const version = ++connector.lastConfigVersion;
    const { config, appliedHash, writer, nowMs } = write;
    connector.config = { name, config: { ...config }, version, appliedHash, writer, writtenAtMs: nowMs };
    connector.state = {
      ...(connector.state ?? {
        name,
        targetState: write.initialState ?? 'STARTED',
        generation: connector.lastGeneration,
        generationState: 'READY',
        retiring: 0,
        taskCount: 0,
        shards: write.shards ?? 1,
        plannedVersion: 0,
        plannedAtMs: 0,
        error: null,
        consecutiveFailures: 0,
      }),
      configVersion: version,
    };
    return connector.config;
  }

  async setTargetState(name: string, targetState: TargetState): Promise<void> {
    this.#change(name, { targetState });
  }

  async openGeneration(name: string, plan: Parameters<ConfigStore['openGeneration']>[1]): Promise<ConnectorState> {
    for (const [task, config] of plan.taskConfigs.entries()) {
      requireFits(`configuration of task ${name}-${task}`, JSON.stringify(config), CONFIG_LIMIT_BYTES);
    }
    const { connector, state } = this.#existing(name);
    const outdated = plan.taskConfigs.length > 0 && state.configVersion > plan.plannedVersion;
    if (state.generation !== plan.expectedGeneration || outdated) {
      throw new StateConflictException(
        `plan of ${name} not written: made from generation ${plan.expectedGeneration} and configuration ${plan.plannedVersion}, ` +
          `found ${state.generation} and ${state.configVersion}; plan again`,
      );
    }
    connector.lastGeneration = state.generation + 1;
    connector.plan = { generation: connector.lastGeneration, taskConfigs: plan.taskConfigs.map((config) => ({ ...config })) };
    return this.#change(name, {
      generation: connector.lastGeneration,
      generationState: plan.state ?? 'READY',
      retiring: plan.state === 'PREPARING' ? (plan.retiring ?? 0) : 0,
      taskCount: plan.taskConfigs.length,
      configVersion: Math.max(state.configVersion, plan.plannedVersion),
      plannedVersion: plan.plannedVersion,
      plannedAtMs: plan.nowMs,
    });
  }

  async markReady(name: string, generation: number): Promise<void> {
    this.#change(name, { generationState: 'READY', retiring: 0 }, generation);
  }

  async touchPlan(name: string, generation: number, plannedVersion: number, nowMs: number): Promise<void> {
    this.#change(name, { plannedVersion, plannedAtMs: nowMs }, generation);
  }

  async taskConfig(name: string, generation: number, task: number): Promise<ConnectorProps | null> {
    const plan = this.#state.connectors.get(name)?.plan;
    return plan?.generation === generation ? (plan.taskConfigs[task] ?? null) : null;
  }

  async setError(name: string, trace: string | null): Promise<void> {
    const { state } = this.#existing(name);
    this.#change(name, {
      error: trace === null ? null : cutAtBytes(trace, CONNECTOR_ERROR_LIMIT_BYTES),
      consecutiveFailures: trace === null ? 0 : state.consecutiveFailures + 1,
    });
  }

  async setShards(name: string, shards: number): Promise<void> {
    const { connector, state } = this.#existing(name);
    if (state.targetState !== 'STOPPED') {
      throw new StateConflictException(`shards of ${name} not changed to ${shards}: the connector is ${state.targetState}; stop it first`);
    }
    if (state.shards === shards) return;
    const stamp = { generation: state.generation, epoch: 0, task: BY_HAND };
    for (const item of [...connector.offsets.values(), ...connector.watermarks.values()]) item.stamp = stamp;
    this.#change(name, { shards });
  }

  async delete(name: string, options: { readonly keepOffsets?: boolean } = {}): Promise<void> {
    const old = this.#state.connectors.get(name);
    if (old === undefined) return;
    this.#state.connectors.delete(name);
    const left = this.#state.of(name);
    left.lastGeneration = old.lastGeneration + 1;
    left.lastConfigVersion = old.lastConfigVersion;
    if (options.keepOffsets !== true) return;
    for (const [key, item] of old.offsets) left.offsets.set(key, item);
    for (const [key, item] of old.watermarks) left.watermarks.set(key, item);
    for (const [task, item] of old.transactions) left.transactions.set(task, item);
  }

  #existing(name: string): { connector: MemoryConnector; state: ConnectorState } {
    const connector = this.#state.connectors.get(name);
    if (connector?.state == null) throw new NotFoundException(`Connector ${name} not found`);
    return { connector, state: connector.state };
  }

  #change(name: string, change: Partial<ConnectorState>, generation?: number): ConnectorState {
    const { connector, state } = this.#existing(name);
    if (generation !== undefined && state.generation !== generation) {
      throw new StateConflictException(`connector ${name} not changed: generation ${generation} expected, found ${state.generation}`);
    }
    connector.state = { ...state, ...change };
    return connector.state;
  }
}
