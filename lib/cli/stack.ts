import { callService } from '../aws/service-request.ts';
import { ConnectException } from '../core/errors.ts';
import { type AwsAccess, awsAccess } from './aws-access.ts';
import type { RestTarget } from './rest-client.ts';
import { signedTarget } from './signed-target.ts';

/** The output of a stack that holds the address of its REST API. */
export const CONTROL_URL = 'ControlUrl';

const VERSION = '2010-05-15';

/**
 * The REST API of a deployed pipeline. Throws ConnectException: `no-credentials`, `service-refused` (no such stack), `service-unavailable`, or
 * `no-control-api` where the stack has no such API.
 */
export async function stackTarget(stack: string, env: Readonly<Record<string, string | undefined>>): Promise<RestTarget> {
  const access = await awsAccess(env);
  const xml = await askCloudFormation(access, { Action: 'DescribeStacks', StackName: stack }, `reading the outputs of stack ${stack}`);
  const outputs = members(element(xml, 'Outputs') ?? '');
  const url = outputs.find((output) => text(output, 'OutputKey') === CONTROL_URL);
  if (url === undefined) {
    throw new ConnectException(
      `stack ${stack} has no output ${CONTROL_URL}: it was deployed without the control API; deploy it again with one`,
      {
        code: 'no-control-api',
      },
    );
  }
  return signedTarget(new URL(text(url, 'OutputValue') ?? ''), access, `stack ${stack}`);
}

/** The name of a connector's function in a stack. Throws ConnectException (`unknown-connector`), naming the functions there are. */
export async function functionOf(stack: string, connector: string, access: AwsAccess): Promise<string> {
  const functions: string[] = [];
  for (let token: string | null = ''; token !== null; ) {
    const page = { Action: 'ListStackResources', StackName: stack, ...(token === '' ? {} : { NextToken: token }) };
    const xml: string = await askCloudFormation(access, page, `reading the resources of stack ${stack}`);
    for (const resource of members(element(xml, 'StackResourceSummaries') ?? '')) {
      if (text(resource, 'ResourceType') === 'AWS::Lambda::Function') functions.push(text(resource, 'PhysicalResourceId') ?? '');
    }
    token = text(xml, 'NextToken');
  }
  // Names that AWS would not take are deployed in a shorter form that ends with eight digits of a hash.
  const plain = `${stack}-${connector}`.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 55);
  const found =
    functions.find((name) => name === `${stack}-${connector}`) ??
    functions.find((name) => /-[0-9a-f]{8}$/.test(name) && name.slice(0, -9) === plain);
  if (found === undefined) {
    throw new ConnectException(
      `stack ${stack} has no function of the connector '${connector}'; its functions are ${functions.join(', ') || 'none'}`,
      {
        code: 'unknown-connector',
      },
    );
  }
  return found;
}

function askCloudFormation({ env }: AwsAccess, parameters: Readonly<Record<string, string>>, doing: string): Promise<string> {
  const body = new URLSearchParams({ ...parameters, Version: VERSION }).toString();
  return callService(
    { service: 'cloudformation', path: '/', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body, doing },
    env,
  );
}

// The answers are flat lists of short texts: an XML parser would be the larger risk.
function element(xml: string, name: string): string | null {
  return new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1] ?? null;
}

function members(xml: string): string[] {
  return [...xml.matchAll(/<member>([\s\S]*?)<\/member>/g)].map(([, content]) => content as string);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function text(xml: string, name: string): string | null {
  return element(xml, name)?.replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => ENTITIES[entity] as string) ?? null;
}
