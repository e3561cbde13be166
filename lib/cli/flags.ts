import type { Flag } from './command.ts';

/** Which REST API a command speaks to. */
export const TARGET_FLAGS: readonly Flag[] = [
  { name: 'url', value: 'URL', help: 'the REST API (default: SERVERLESS_CONNECT_URL, else http://127.0.0.1:8083)' },
  { name: 'user', value: 'NAME:PASSWORD', help: 'basic authentication (default: SERVERLESS_CONNECT_USER, or the URL’s)' },
  { name: 'stack', value: 'NAME', help: 'the deployed pipeline of this CloudFormation stack, requests signed with your AWS credentials' },
  { name: 'region', value: 'NAME', help: 'AWS region of the stack (default: AWS_REGION, else your AWS configuration)' },
];

/** How a command prints. */
export const OUTPUT_FLAG: Flag = { name: 'output', value: 'table|json', help: 'for people or for scripts (default table)' };

/** Spares the question on a terminal; needed where there is none. */
export const YES_FLAG: Flag = { name: 'yes', value: null, help: 'do not ask' };

export const DRY_RUN_FLAG: Flag = { name: 'dry-run', value: null, help: 'only show what would change' };

/** Waiting for an effect. */
export const WAIT_FLAGS: readonly Flag[] = [
  { name: 'wait', value: null, help: 'return when it has happened' },
  { name: 'timeout', value: 'SECONDS', help: 'how long to wait (default 60)' },
];

/** How to reach Kafka. */
export const KAFKA_FLAGS: readonly Flag[] = [
  { name: 'bootstrap-server', value: 'HOST:PORT,…', help: 'Kafka (default: bootstrap.servers of the files below)' },
  { name: 'command-config', value: 'FILE', help: 'client settings (.properties), as for Kafka’s own tools' },
  { name: 'worker', value: 'FILE', help: 'a worker or pipeline file to take Kafka’s address and security from' },
];
