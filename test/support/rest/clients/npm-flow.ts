import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaConnectClient } from 'kafka-connect-client';

interface Axios {
  readonly defaults: { readonly headers: Record<'post' | 'put', Record<string, string>> };
}

/**
 * Requests without a body say `application/x-www-form-urlencoded` where nobody tells axios otherwise, and Apache's 4.3.0 answers that with 415
 * (tried with pause and restart), as ours does. Programs that use this client with Connect set the default.
 */
function sendJson(): void {
  const axios = createRequire(import.meta.resolve('kafka-connect-client'))('axios') as Axios;
  for (const method of ['post', 'put'] as const) axios.defaults.headers[method]['Content-Type'] = 'application/json';
}

/** What an operator's program does with npm's kafka-connect-client: answers what each step answered. */
export async function npmFlow(base: string, name: string, file: string, topic: string): Promise<Record<string, unknown>> {
  sendJson();
  const { hostname, port } = new URL(base);
  const client = new KafkaConnectClient({ protocol: 'http', host: hostname, port: Number(port) });
  const connector = client.connector(name);
  const config = { 'connector.class': 'FileStreamSource', 'tasks.max': '1', file, topic };
  const until = async (state: string, tasks: number) => {
    for (let left = 600; ; left--) {
      const { data } = await connector.getStatus();
      const now: string[] = [data.connector.state, ...data.tasks.map((task) => task.state)];
      if (now.length === tasks + 1 && now.every((each) => each === state)) return now;
      if (left === 0) throw new Error(`${name} is ${now.join(' ')}, expected ${state}`);
      await sleep(100);
    }
  };
  const seen: Record<string, unknown> = {};
  seen.version = (await client.getCluster()).data.version;
  const plugins = (await client.getConnectorPlugins({ connectorsOnly: true })).data;
  seen.plugin = plugins.filter((plugin) => plugin.class.endsWith('.FileStreamSourceConnector')).map((plugin) => plugin.type);
  const validation = await client.validateConnectorConfig('FileStreamSource', { 'connector.class': 'FileStreamSource', name });
  seen.invalid = validation.data.error_count;
  seen.created = (await client.createConnector(name, config)).data.name;
  seen.running = await until('RUNNING', 1);
  seen.listed = (await client.getConnectors()).data.includes(name);
  seen.config = (await connector.getConfig()).data;
  await connector.pause();
  seen.paused = await until('PAUSED', 1);
  await connector.resume();
  seen.resumed = await until('RUNNING', 1);
  await connector.restart({ includeTasks: true });
  seen.restarted = await until('RUNNING', 1);
  await connector.restartTask(0);
  await until('RUNNING', 1);
  seen.task = (await connector.getTaskStatus(0)).data.id;
  // Its types call the number of a task otherwise than Connect's answers do.
  seen.tasks = (await connector.getTasks()).data.map(({ id }) => Object.entries(id).find(([key]) => key === 'task')?.[1]);
  // Its getTopics reads the answer's text as if it were parsed, whoever answers: only the reset can be called.
  await connector.resetTopics();
  seen.updated = (await connector.updateConfig({ ...config, 'batch.size': '100' })).data.config['batch.size'];
  await connector.stop();
  seen.stopped = await until('STOPPED', 0);
  await connector.resetOffsets();
  seen.offsets = (await connector.getOffsets()).data;
  await connector.delete();
  seen.gone = !(await client.getConnectors()).data.includes(name);
  return seen;
}
