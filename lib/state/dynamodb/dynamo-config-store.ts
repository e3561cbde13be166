import type { ConnectorProps } from '../../core/connector.ts';
import { NotFoundException } from '../../core/errors.ts';
import type { ConfigStore, ConnectorState, StoredConfig, TargetState } from '../config-store.ts';
import { StateConflictException } from '../errors.ts';
import { CONNECTOR_LISTING } from '../table-shape.ts';
import { configUpdate, planJson, planUpdate, storedConfigOf, taskConfigOf } from './config-item.ts';
import {
  configVersionUpdate,
  connectorStateOf,
  createUpdate,
  deletedMarkOf,
  deleteUpdate,
  errorUpdate,
  generationUpdate,
  shardsUpdate,
  targetStateUpdate,
  withinGenerationUpdate,
} from './connector-item.ts';
import { inFlight } from './in-flight.ts';
import type { Item } from './item.ts';
import {
  configKey,
  connectorKey,
  connectorPk,
  type ItemKey,
  OFFSET_PREFIX,
  PLAN_PREFIX,
  TRANSACTION_PREFIX,
  taskKey,
  WATERMARK_PREFIX,
} from './keys.ts';
import { copyToShards, removeMisplaced } from './move-shards.ts';
import type { ShardCounts } from './shard-counts.ts';
import type { ItemUpdate, StateTable } from './state-table.ts';

/** Configurations, target states and plans as items of one table. */
export class DynamoConfigStore implements ConfigStore {
  readonly #table: StateTable;
  readonly #shards: ShardCounts;
  /** A generation's task configurations never change: read once per process. By connector. */
  readonly #plans = new Map<string, { generation: number; configs: Map<number, ConnectorProps> }>();

  constructor(table: StateTable, shards: ShardCounts) {
    this.#table = table;
    this.#shards = shards;
  }

  async list(): Promise<ConnectorState[]> {
    const states = (await this.#table.listing(CONNECTOR_LISTING)).map(connectorStateOf).filter((state) => state !== null);
    return states.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async connector(name: string): Promise<ConnectorState | null> {
    const item = await this.#table.get(connectorKey(name));
    const state = item === null ? null : connectorStateOf(item);
    if (state !== null) this.#shards.saw(name, state.shards);
    return state;
  }

  async config(name: string): Promise<StoredConfig | null> {
    const item = await this.#table.get(configKey(name));
    return item === null ? null : storedConfigOf(name, item);
  }

  async putConfig(name: string, write: Parameters<ConfigStore['putConfig']>[1]): Promise<StoredConfig> {
    const { config, appliedHash, writer, nowMs, expectedVersion } = write;
    const version = expectedVersion === 0 ? await this.#create(name, write) : expectedVersion + 1;
    const stored: StoredConfig = { name, config: { ...config }, version, appliedHash, writer, writtenAtMs: nowMs };
    const outcome = await this.#table.update(configKey(name), configUpdate(stored, expectedVersion === 0 ? null : expectedVersion));
    if ('refused' in outcome) {
      const found = outcome.refused === null ? 0 : storedConfigOf(name, outcome.refused).version;
      throw new StateConflictException(
        `configuration of ${name} not written: version ${expectedVersion} expected, found ${found}; read it again`,
      );
    }
    await this.#table.update(connectorKey(name), configVersionUpdate(version));
    return stored;
  }

  /** The connector's item comes before its configuration: what a kill leaves behind can be created again, and deleted. */
  async #create(name: string, write: Parameters<ConfigStore['putConfig']>[1]): Promise<number> {
    // Refuses what is too large before anything is written.
    configUpdate({ name, config: write.config, version: 1, appliedHash: null, writer: write.writer, writtenAtMs: 0 }, null);
    const item = await this.#table.get(connectorKey(name));
    const mark = item === null ? null : deletedMarkOf(item);
    // A deletion that was killed half-way is finished first.
    if (mark !== null) await this.#removeItems(name, mark.shards, mark.keepOffsets);
    const state = item === null ? null : connectorStateOf(item);
    const version = (mark?.configVersion ?? state?.configVersion ?? 0) + 1;
    const shards = write.shards ?? 1;
    if (state === null) await this.#table.update(connectorKey(name), createUpdate(name, write.initialState ?? 'STARTED', version, shards));
    return version;
  }

  async setTargetState(name: string, state: TargetState): Promise<void> {
    await this.#change(name, targetStateUpdate(state));
  }

  async openGeneration(name: string, plan: Parameters<ConfigStore['openGeneration']>[1]): Promise<ConnectorState> {
    const { expectedGeneration, plannedVersion, nowMs, taskConfigs } = plan;
    const plans = taskConfigs.map((config, task) => ({ key: taskKey(PLAN_PREFIX, name, task), json: planJson(name, task, config) }));
    // The generation first: of two planners only the winner writes task configurations. Until they are there, taskConfig gives null.
    const opened = await this.#change(
      name,
      generationUpdate({
        expectedGeneration,
        plannedVersion,
        nowMs,
        taskCount: plans.length,
        state: plan.state ?? 'READY',
        retiring: plan.retiring ?? 0,
      }),
      `plan of ${name} not written: made from generation ${expectedGeneration} and configuration ${plannedVersion}`,
    );
    const generation = expectedGeneration + 1;
    await inFlight(plans, async ({ key, json }) => {
      const outcome = await this.#table.update(key, planUpdate(generation, json));
      if ('refused' in outcome) {
        throw new StateConflictException(`plan of ${name} not written: a later generation than ${generation} was opened meanwhile`);
      }
    });
    return connectorStateOf(opened as Item) as ConnectorState;
  }

  async markReady(name: string, generation: number): Promise<void> {
    await this.#changeWithin(name, generation, { generationState: 'READY', retiring: null });
  }

  async touchPlan(name: string, generation: number, plannedVersion: number, nowMs: number): Promise<void> {
    await this.#changeWithin(name, generation, { plannedVersion, plannedAtMs: nowMs });
  }

  async taskConfig(name: string, generation: number, task: number): Promise<ConnectorProps | null> {
    let plan = this.#plans.get(name);
    const known = plan?.generation === generation ? plan.configs.get(task) : undefined;
    if (known !== undefined) return known;
    const item = await this.#table.get(taskKey(PLAN_PREFIX, name, task));
    const config = item === null ? null : taskConfigOf(item, generation);
    if (config === null) return null;
    if (plan?.generation !== generation) {
      plan = { generation, configs: new Map() };
      this.#plans.set(name, plan);
    }
    plan.configs.set(task, config);
    return config;
  }

  async setError(name: string, trace: string | null): Promise<void> {
    await this.#change(name, errorUpdate(trace));
  }

  async setShards(name: string, shards: number): Promise<void> {
    const state = await this.connector(name);
    if (state === null) throw new NotFoundException(`Connector ${name} not found`);
    const stopped = `shards of ${name} not changed to ${shards}: the connector must stay STOPPED meanwhile`;
    if (state.targetState !== 'STOPPED') throw new StateConflictException(`${stopped}, it is ${state.targetState}; stop it first`);
    await removeMisplaced(this.#table, name, state.shards, shards);
    if (state.shards === shards) return;
    await copyToShards(this.#table, name, state, shards);
    await this.#change(name, shardsUpdate(state, shards), stopped);
    this.#shards.saw(name, shards);
    await removeMisplaced(this.#table, name, shards, state.shards);
  }

  async delete(name: string, options: { readonly keepOffsets?: boolean } = {}): Promise<void> {
    const keepOffsets = options.keepOffsets === true;
    const shards = await this.#shards.of(name);
    // The mark first: from here on every invocation sees the connector gone, whatever is still to be removed.
    await this.#table.update(connectorKey(name), deleteUpdate(keepOffsets));
    await this.#removeItems(name, shards, keepOffsets);
  }

  async #removeItems(name: string, shards: number, keepOffsets: boolean): Promise<void> {
    const pks = Array.from({ length: shards }, (_, shard) => connectorPk(name, shard));
    const found = (await inFlight(pks, (pk) => this.#table.query(pk, '', { keysOnly: true }))).flatMap(({ items }) => items);
    const keys: ItemKey[] = found.map((item) => ({ pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' }));
    const kept = keepOffsets ? [OFFSET_PREFIX, WATERMARK_PREFIX, TRANSACTION_PREFIX] : [];
    const isKept = ({ sk }: ItemKey) => sk === 'connector' || kept.some((prefix) => sk.startsWith(prefix));
    await inFlight(
      keys.filter((key) => !isKept(key)),
      (key) => this.#table.delete(key),
    );
  }

  #changeWithin(name: string, generation: number, set: ItemUpdate['set']): Promise<Item | null> {
    return this.#change(name, withinGenerationUpdate(generation, set), `connector ${name} not changed: generation ${generation} expected`);
  }

  /** The item afterwards where it was asked for. `expected` says what the condition was; without one only existence was asked. */
  async #change(name: string, update: ItemUpdate, expected?: string): Promise<Item | null> {
    const outcome = await this.#table.update(connectorKey(name), update);
    if ('written' in outcome) return outcome.written;
    if ('landed' in outcome) return outcome.landed;
    const state = outcome.refused === null ? null : connectorStateOf(outcome.refused);
    if (state === null) throw new NotFoundException(`Connector ${name} not found`);
    throw new StateConflictException(
      `${expected ?? `connector ${name} not changed`}, found generation ${state.generation} and configuration ${state.configVersion}; read it again`,
    );
  }
}
