import type { Arguments, CliIo } from './command.ts';
import { UsageException } from './parse-arguments.ts';
import { RestClient, type RestTarget } from './rest-client.ts';

const DEFAULT_URL = 'http://127.0.0.1:8083';

/** The REST API that flags and environment name. Throws UsageException; for a stack also what {@link stackTarget} throws. */
export async function restClient(args: Arguments, io: CliIo): Promise<RestClient> {
  const stack = args.text('stack');
  if (stack === undefined) {
    const target = urlTarget(args, io);
    const { isFunctionUrl, signedTarget } = await import('./signed-target.ts');
    if (!isFunctionUrl(target.base)) return new RestClient(target);
    const { awsAccess } = await import('./aws-access.ts');
    return new RestClient(signedTarget(target.base, await awsAccess({ ...io.env, ...regionOf(args) }), target.label));
  }
  if (args.has('url')) throw new UsageException('--url and --stack both name an API: give one of them');
  const { stackTarget } = await import('./stack.ts');
  return new RestClient(await stackTarget(stack, { ...io.env, ...regionOf(args) }));
}

/** `--region` as AWS's own variable. */
export function regionOf(args: Arguments): { AWS_REGION?: string } {
  const region = args.text('region');
  return region === undefined ? {} : { AWS_REGION: region };
}

function urlTarget(args: Arguments, io: CliIo): RestTarget {
  const text = args.text('url') ?? io.env.SERVERLESS_CONNECT_URL ?? DEFAULT_URL;
  const base = URL.parse(text);
  if (base === null || !/^https?:$/.test(base.protocol))
    throw new UsageException(`the REST API needs a URL like http://host:8083, got '${text}' (--url or SERVERLESS_CONNECT_URL)`);
  const inUrl = base.username === '' ? undefined : `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
  const user = args.text('user') ?? inUrl ?? io.env.SERVERLESS_CONNECT_USER;
  if (user !== undefined && !user.includes(':')) throw new UsageException('--user needs a name and a password: --user NAME:PASSWORD');
  base.username = '';
  base.password = '';
  const headers: Record<string, string> = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  return { base, label: base.origin, authorize: async () => headers };
}
