import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callsOf } from './aws-calls.ts';
import { type AwsCall, allows, type Statement } from './policy.ts';

/** A call that a function made. */
export interface JudgedCall extends AwsCall {
  readonly functionName: string;
  /** Statements that allow it, each by itself; none = it was refused. */
  readonly allowedBy: readonly string[];
}

/** AWS as functions see it: every call goes through here and is refused where the function's role does not allow it. */
export interface PermissionProxy {
  readonly url: string;
  readonly calls: JudgedCall[];
  /** What could not be judged; a test expects nothing here. */
  readonly unknown: string[];
  /** Where the services are, by their names in signatures. */
  readonly services: Map<string, string>;
  close(): Promise<void>;
}

export interface PermissionProxyOptions {
  /** Policies by function; whoever signs with another key is let through. */
  policies(): ReadonlyMap<string, readonly Statement[]>;
  /** Statement ids that do not count. */
  readonly without?: ReadonlySet<string>;
  /** By name; answered here. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Functions are told apart by the key that they sign with: their name. */
export async function startPermissionProxy({ policies, secrets, without = new Set() }: PermissionProxyOptions): Promise<PermissionProxy> {
  const services = new Map<string, string>();
  const calls: JudgedCall[] = [];
  const unknown: string[] = [];

  const judge = (functionName: string, statements: readonly Statement[], call: AwsCall): boolean => {
    const allowedBy = statements.filter((one) => !without.has(one.sid) && allows(one, call)).map(({ sid }) => sid);
    calls.push({ ...call, functionName, allowedBy });
    return allowedBy.length > 0;
  };

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = 'GET', url = '/', headers } = incoming;
    const [, key = '', service = ''] = /Credential=([^/]+)\/\d+\/[^/]*\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
    const statements = policies().get(key);
    if (statements !== undefined) {
      const made = callsOf({ service, method, url, headers, body: body.toString('utf8') });
      const refused = made.filter((call) => !judge(key, statements, call));
      if (refused.length > 0)
        return refuse(response, service, `${key} is not authorized to perform: ${refused.map(({ action }) => action).join(', ')}`);
    }
    if (service === 'secretsmanager') {
      const { SecretId } = JSON.parse(body.toString()) as { SecretId: string };
      const secret = secrets[SecretId];
      if (secret === undefined) return refuse(response, service, `no secret ${SecretId}`);
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify({ Name: SecretId, SecretString: secret }));
      return;
    }
    const target = services.get(service);
    if (target === undefined) throw new Error(`no ${service} here: ${method} ${url}`);
    await pass(new URL(target), incoming, body, response);
  };

  const server = createServer((incoming, response) => {
    response.on('error', () => undefined);
    answer(incoming, response).catch((error: unknown) => {
      unknown.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    unknown,
    services,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse, service: string, message: string): void {
  if (service === 's3') {
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`);
    return;
  }
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': 'AccessDeniedException' });
  response.end(JSON.stringify({ __type: 'AccessDeniedException', Message: message, message }));
}

/** Headers go on as they came, the host included: it is signed. */
function pass({ hostname, port }: URL, incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const onward = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on('error', reject);
      answer.on('end', resolve);
      answer.pipe(response);
    });
    onward.on('error', reject);
    onward.end(body);
  });
}
