import type { KafkaClients } from '../../kafka/kafka-clients.ts';
import { createDynamoDbClient } from '../../state/dynamodb/create-client.ts';
import {
  createEventSourceMapping,
  type EventSourceMapping,
  type EventSourceMappingOptions,
} from '../event-source-mapping/event-source-mapping.ts';
import type { FunctionStats } from '../lambda-host/deployed-function.ts';
import { type FunctionUrl, openFunctionUrl } from '../lambda-host/function-url.ts';
import { createLambdaHost, type LambdaHost, type LambdaHostOptions } from '../lambda-host/lambda-host.ts';
import { createScheduler, type Scheduler, type SchedulerOptions } from '../scheduler/scheduler.ts';
import { createTables } from './create-tables.ts';
import { createCustomResources } from './custom-resources.ts';
import { type DeployedFunctionInfo, deployFunctions } from './deploy-functions.ts';
import { mappingOptions } from './mapping-options.ts';
import { readStackTemplate, type StackTemplate } from './stack-template.ts';

export interface LocalDeploymentOptions {
  /** Folder that synth wrote (`CDK_OUTDIR`). */
  readonly assembly: string;
  /** @default the only stack there is */
  readonly stack?: string;
  /** e.g. `http://127.0.0.1:8000`. */
  readonly dynamoDbEndpoint: string;
  /** Keys that take the place of the pipeline file's worker keys, for functions and pollers alike: `bootstrap.servers` of this machine. */
  readonly workerProps?: Readonly<Record<string, string>>;
  /** Variables of every function beside its own: endpoints of further services. */
  readonly env?: Readonly<Record<string, string>>;
  /** Clients for the event source mappings; closed by their owner, after the deployment. */
  readonly kafka: KafkaClients;
  readonly host?: LambdaHostOptions;
  readonly scheduler?: SchedulerOptions;
  /** Switches of the mappings: misbehaviour, pauses, errors. */
  readonly mapping?: Pick<EventSourceMappingOptions, 'redeliver' | 'backoffMs' | 'partialReading' | 'onError'>;
}

const MOST_OVERLAPPING = 2;

/** What every call on this machine is signed with. */
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** A stack on this machine: its very bundles in the Lambda host, its schedules and its event source mappings. */
export interface LocalDeployment {
  readonly host: LambdaHost;
  readonly scheduler: Scheduler;
  readonly table: string;
  readonly functions: readonly DeployedFunctionInfo[];
  /** Mappings by topic. */
  readonly mappings: ReadonlyMap<string, EventSourceMapping>;
  /** Names of the schedules; each ticks one function. */
  readonly schedules: readonly string[];
  /** The function of a connector. Throws Error for an unknown one. */
  functionOf(connector: string): string;
  /** `http://127.0.0.1:port/` of the REST API, which takes requests signed with {@link CREDENTIALS} only; null = the stack has none. */
  readonly controlUrl: string | null;
  /** Counters of a connector's function. */
  stats(connector: string): FunctionStats;
  /** Starts schedules and mappings. */
  start(): void;
  /** Stops schedules, then mappings when their batches are done, then waits for running invocations and ends the host. */
  close(): Promise<void>;
}

/**
 * Deploys what synth produced: tables at a DynamoDB endpoint, functions from the assets with the template's environment, configurations
 * through the stack's custom resources. Nothing moves before {@link LocalDeployment.start}. Throws Error when a resource cannot be created.
 */
export async function deployLocally(options: LocalDeploymentOptions): Promise<LocalDeployment> {
  const template = readStackTemplate(options.assembly, options.stack);
  const client = createDynamoDbClient({ endpoint: options.dynamoDbEndpoint, region: 'us-east-1', credentials: CREDENTIALS });
  const host = await createLambdaHost(options.host);
  try {
    const [table] = await createTables(template, client);
    if (table === undefined) throw new Error(`stack ${template.stackName} has no table`);
    const functions = await deployFunctions(template, host, {
      workerProps: options.workerProps ?? {},
      env: { ...options.env, AWS_ENDPOINT_URL_DYNAMODB: options.dynamoDbEndpoint },
    });
    await createCustomResources(template, host);
    const url = await openUrl(template, host);
    return assemble(options, template, host, functions, table, url);
  } catch (error) {
    await host.close();
    throw error;
  } finally {
    client.destroy();
  }
}

function assemble(
  options: LocalDeploymentOptions,
  template: StackTemplate,
  host: LambdaHost,
  functions: readonly DeployedFunctionInfo[],
  table: string,
  url: FunctionUrl | null,
): LocalDeployment {
  const scheduler = createScheduler(options.scheduler);
  const schedules = template.resources
    .filter(({ type }) => type === 'AWS::Scheduler::Schedule')
    .map((resource) => template.resolve(resource) as unknown as ScheduleProperties);
  const concurrencyOf = (functionName: string): number => functions.find(({ name }) => name === functionName)?.concurrency ?? 1;
  const mappings = new Map<string, EventSourceMapping>();
  const closers: (() => Promise<void>)[] = [];
  const switches: MappingSwitch[] = [];
  for (const resource of template.resources.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')) {
    const mapping = mappingOptions(template.resolve(resource), {
      host,
      kafka: options.kafka,
      workerProps: options.workerProps ?? {},
      concurrencyOf,
    });
    const created = createEventSourceMapping({ ...mapping.options, ...options.mapping });
    mappings.set(mapping.options.topic, created);
    switches.push(switchable(template.physicalId(resource), created, host));
    closers.push(mapping.close);
  }
  const functionOf = (connector: string): string => {
    const found = functions.find((one) => one.connector === connector);
    if (found === undefined) {
      const known = functions.flatMap((one) => one.connector ?? []).join(', ');
      throw new Error(`no connector is named '${connector}' in stack ${template.stackName}; there are ${known}`);
    }
    return found.name;
  };
  const tick = async ({ Target }: ScheduleProperties): Promise<void> => {
    const functionName = Target.Arn.split(':')[6] ?? '';
    // Accelerated ticks overlap as real ones do, but do not pile up on a machine that cannot keep pace with them.
    if (options.scheduler?.everyMs !== undefined && host.running(functionName) >= MOST_OVERLAPPING) return;
    await host.invokeAsync(functionName, JSON.parse(Target.Input ?? '{}'));
  };
  return {
    host,
    scheduler,
    table,
    functions,
    mappings,
    schedules: schedules.map(({ Name }) => Name),
    functionOf,
    controlUrl: url?.url ?? null,
    stats: (connector) => host.stats(functionOf(connector)),
    start() {
      for (const schedule of schedules) {
        scheduler.add({
          name: schedule.Name,
          expression: schedule.ScheduleExpression,
          timezone: schedule.ScheduleExpressionTimezone ?? 'UTC',
          flexibleWindowMinutes: schedule.FlexibleTimeWindow.MaximumWindowInMinutes ?? 0,
          deliver: () => tick(schedule),
        });
      }
      for (const each of switches) each.start();
    },
    async close() {
      await url?.close();
      await scheduler.close();
      for (const each of switches) await each.stop();
      for (const mapping of mappings.values()) await mapping.disable();
      for (const close of closers) await close();
      await host.close();
    },
  };
}

/** The address of the stack's REST API; null = it has none. */
async function openUrl(template: StackTemplate, host: LambdaHost): Promise<FunctionUrl | null> {
  const resource = template.resources.find(({ type }) => type === 'AWS::Lambda::Url');
  if (resource === undefined) return null;
  const { AuthType, TargetFunctionArn } = template.resolve(resource) as { AuthType: string; TargetFunctionArn: string };
  const functionName = TargetFunctionArn.split(':')[6] ?? TargetFunctionArn;
  return openFunctionUrl({ host, functionName, credentials: AuthType === 'AWS_IAM' ? CREDENTIALS : null });
}

/** A mapping that functions switch: it runs where it was enabled last, and nothing was said to the contrary before the start. */
interface MappingSwitch {
  start(): void;
  /** Resolves when no switch is under way. */
  stop(): Promise<void>;
}

function switchable(uuid: string, mapping: EventSourceMapping, host: LambdaHost): MappingSwitch {
  let wanted = true;
  let started = false;
  let switching = Promise.resolve();
  const apply = (): void => {
    // Disabling waits for the batch in flight; what was wanted last wins.
    switching = switching.then(async () => {
      if (!started) return;
      if (wanted) mapping.enable();
      else await mapping.disable();
    });
  };
  host.addMapping(uuid, (enabled) => {
    wanted = enabled;
    apply();
  });
  return {
    start() {
      started = true;
      if (wanted) mapping.enable();
    },
    async stop() {
      started = false;
      await switching;
    },
  };
}

interface ScheduleProperties {
  readonly Name: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly FlexibleTimeWindow: { readonly MaximumWindowInMinutes?: number };
  readonly Target: { readonly Arn: string; readonly Input?: string };
}
