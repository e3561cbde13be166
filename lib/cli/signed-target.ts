import { credentialsOf, regionOf } from '../aws/service-request.ts';
import { percentEncode, sha256, signRequest } from '../aws/sign.ts';
import type { AwsAccess } from './aws-access.ts';
import type { RestTarget } from './rest-client.ts';

/** `<id>.lambda-url.<region>.on.aws`: such a URL asks for signatures. */
const FUNCTION_URL_HOST = /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;

export function isFunctionUrl(url: URL): boolean {
  return FUNCTION_URL_HOST.test(url.hostname);
}

/** A function URL with IAM authorisation: each request is signed (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html). */
export function signedTarget(base: URL, { env }: AwsAccess, label: string): RestTarget {
  const region = FUNCTION_URL_HOST.exec(base.hostname)?.[1] ?? regionOf(env);
  const credentials = credentialsOf(env);
  return {
    base,
    label,
    async authorize({ body, headers, method, target }) {
      const [path = '/', ...query] = target.split('?');
      const { host = base.host, ...others } = headers;
      const type = others['content-type'];
      const signed = signRequest(
        {
          method,
          host,
          // Every service but S3 signs the path encoded once more than it is sent.
          path: path.split('/').map(percentEncode).join('/'),
          query: queryOf(query.join('?')),
          service: 'lambda',
          region,
          headers: type === undefined ? {} : { 'content-type': type },
          payloadHash: sha256(body ?? ''),
          now: Date.now(),
        },
        credentials,
      );
      return signed;
    },
  };
}

function queryOf(text: string): Record<string, string | readonly string[]> {
  const query = new URLSearchParams(text);
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
}
