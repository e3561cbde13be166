import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AwsCredentials, signPost } from '../../../lib/aws/sign.ts';

interface Version {
  readonly id: string;
  readonly schema: string;
  readonly definition: string;
  readonly format: string;
}

export interface RunningGlue {
  readonly url: string;
  readonly versions: readonly Version[];
  /** Actions in the order asked. */
  readonly actions: readonly string[];
  /** The next requests are answered with this status; null = normally again. */
  failWith(status: number | null): void;
  stop(): Promise<void>;
}

/** AWS Glue's schema registry on 127.0.0.1: refuses every request whose signature is not that of these credentials. */
export async function startGlue(credentials: AwsCredentials, region: string): Promise<RunningGlue> {
  const versions: Version[] = [];
  const actions: string[] = [];
  let failure: number | null = null;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { host = '', authorization = '' } = request.headers;
    const headers = { 'content-type': String(request.headers['content-type']), 'x-amz-target': String(request.headers['x-amz-target']) };
    const action = headers['x-amz-target'].replace('AWSGlue.', '');
    actions.push(action);
    const date = String(request.headers['x-amz-date']);
    const now = Date.parse(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
    const expected = signPost({ host, path: '/', service: 'glue', region, headers, body: text, now }, credentials);
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    };
    if (failure !== null) return answer(failure, { __type: 'InternalServiceException', Message: 'asked to fail' });
    if (authorization !== expected.authorization)
      return answer(400, { __type: 'InvalidSignatureException', Message: 'the signature does not match' });
    const body = JSON.parse(text);
    const notFound = () => answer(400, { __type: 'EntityNotFoundException', Message: 'Schema is not found.' });
    const shown = ({ id, definition, format }: Version) => ({
      SchemaVersionId: id,
      SchemaDefinition: definition,
      DataFormat: format,
      Status: 'AVAILABLE',
    });
    const name = body.SchemaId?.SchemaName ?? body.SchemaName;
    const add = (format: string) => {
      const version = { id: randomUUID(), schema: name, definition: body.SchemaDefinition, format };
      versions.push(version);
      return version;
    };
    switch (action) {
      case 'GetSchemaVersion': {
        const found = versions.find(({ id }) => id === body.SchemaVersionId);
        return found === undefined ? notFound() : answer(200, shown(found));
      }
      case 'GetSchemaByDefinition': {
        const found = versions.find(({ schema, definition }) => schema === name && definition === body.SchemaDefinition);
        return found === undefined ? notFound() : answer(200, shown(found));
      }
      case 'RegisterSchemaVersion': {
        const known = versions.find(({ schema }) => schema === name);
        return known === undefined ? notFound() : answer(200, shown(add(known.format)));
      }
      default: {
        const made = add(body.DataFormat);
        return answer(200, { SchemaVersionId: made.id, SchemaVersionStatus: 'AVAILABLE' });
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    versions,
    actions,
    failWith(status) {
      failure = status;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
