import { sendHttp } from '../../../lib/cli/http.ts';
import { signedTarget } from '../../../lib/cli/signed-target.ts';

/** An answer of the API. */
export interface SignedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed; undefined = none. */
  readonly body: unknown;
}

export type Ask = (method: string, path: string, body?: unknown) => Promise<SignedAnswer>;

/** Asks a function URL with requests signed as the command line signs them. */
export function signedClient(
  url: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } = { accessKeyId: 'local', secretAccessKey: 'local' },
): Ask {
  const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };
  const target = signedTarget(new URL(url), { env }, url);
  return async (method, path, value) => {
    const body = value === undefined ? null : JSON.stringify(value);
    const headers = { host: target.base.host, ...(body === null ? {} : { 'content-type': 'application/json' }) };
    const authorized = await target.authorize({ method, target: path, headers, body });
    const answer = await sendHttp({ method, origin: target.base, target: path, headers: { ...headers, ...authorized }, body });
    const text = answer.body.toString();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
}
