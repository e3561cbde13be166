import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { kafkaClasspath } from './jars.ts';

/** How a tool ended. */
export interface ToolResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a class of Kafka's jars, e.g. `org.apache.kafka.tools.VerifiableConsumer`, and leaves it running. */
export async function spawnKafkaTool(main: string, args: readonly string[]): Promise<ChildProcess> {
  const jvmArgs = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  return spawn('java', [...jvmArgs, '-cp', await kafkaClasspath(), main, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs a class of Kafka's jars to its end, e.g. `kafkaTools('org.apache.kafka.tools.TopicCommand', ['--list', …])`; killed after the time-out. */
export async function kafkaTools(
  main: string,
  args: readonly string[],
  options: { input?: string; timeoutMs?: number } = {},
): Promise<ToolResult> {
  const tool = await spawnKafkaTool(main, args);
  let stdout = '';
  let stderr = '';
  tool.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  tool.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  tool.stdin?.end(options.input ?? '');
  const timer = setTimeout(() => tool.kill('SIGKILL'), options.timeoutMs ?? 60_000);
  const [code] = (await once(tool, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, stdout, stderr };
}
