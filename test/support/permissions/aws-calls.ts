import type { IncomingHttpHeaders } from 'node:http';
import { INDEX_KEYS, TABLE_KEYS } from '../../../lib/state/table-shape.ts';
import type { AwsCall } from './policy.ts';

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

/** A request as a service gets it. */
export interface AwsRequest {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Rights that a request uses: https://docs.aws.amazon.com/service-authorization/latest/reference/. Throws Error for one that is not known here. */
export function callsOf(request: AwsRequest): AwsCall[] {
  switch (request.service) {
    case 'dynamodb':
      return dynamoDbCalls(request);
    case 'lambda':
      return [lambdaCall(request)];
    case 's3':
      return s3Calls(request);
    case 'secretsmanager': {
      const { SecretId } = JSON.parse(request.body) as { SecretId: string };
      // Secrets Manager adds six characters to the name.
      const resource = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${SecretId}-AbCdEf`;
      return [{ action: `secretsmanager:${operationOf(request)}`, resource, keys: [] }];
    }
    default:
      throw new Error(`a call of ${request.service} is not known here: ${request.method} ${request.url}`);
  }
}

function operationOf({ headers }: AwsRequest): string {
  return String(headers['x-amz-target']).split('.').at(-1) as string;
}

interface DynamoDbBody {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: Readonly<Record<string, { S: string }>>;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { S: string }>>;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys: readonly Readonly<Record<string, { S: string }>>[] }>>;
}

function dynamoDbCalls(request: AwsRequest): AwsCall[] {
  const action = `dynamodb:${operationOf(request)}`;
  const body = JSON.parse(request.body) as DynamoDbBody;
  const arn = (table: string): string => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${table}`;
  if (body.RequestItems !== undefined) {
    return Object.entries(body.RequestItems).map(([table, { Keys }]) => ({
      action,
      resource: arn(table),
      keys: Keys.map((key) => key[TABLE_KEYS.partition]?.S ?? ''),
    }));
  }
  const table = arn(body.TableName ?? '');
  const resource = body.IndexName === undefined ? table : `${table}/index/${body.IndexName}`;
  const keys = body.Key === undefined ? queriedKeys(body) : [body.Key[TABLE_KEYS.partition]?.S ?? ''];
  return [{ action, resource, keys }];
}

function queriedKeys(body: DynamoDbBody): string[] {
  const partition = body.IndexName === undefined ? TABLE_KEYS.partition : INDEX_KEYS.partition;
  for (const [, name = '', value = ''] of (body.KeyConditionExpression ?? '').matchAll(/([#\w]+)\s*=\s*(:\w+)/g)) {
    if ((body.ExpressionAttributeNames?.[name] ?? name) === partition) return [body.ExpressionAttributeValues?.[value]?.S ?? ''];
  }
  throw new Error(`no partition key in ${JSON.stringify(body)}`);
}

function lambdaCall({ method, url }: AwsRequest): AwsCall {
  const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(url)?.[1];
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}`;
  if (invoked !== undefined)
    return { action: 'lambda:InvokeFunction', resource: `${arn}:function:${decodeURIComponent(invoked)}`, keys: [] };
  const mapping = /^\/2015-03-31\/event-source-mappings\/([^/?]+)/.exec(url)?.[1];
  if (mapping === undefined || method !== 'PUT') throw new Error(`a call of lambda is not known here: ${method} ${url}`);
  return { action: 'lambda:UpdateEventSourceMapping', resource: `${arn}:event-source-mapping:${decodeURIComponent(mapping)}`, keys: [] };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
function s3Calls({ method, url, headers }: AwsRequest): AwsCall[] {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const call = (action: string): AwsCall => ({ action, resource: `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}`, keys: [] });
  if (key === '') return [call('s3:ListBucket')];
  if (searchParams.has('tagging')) return [call('s3:PutObjectTagging')];
  if (method === 'DELETE') return [call(searchParams.has('uploadId') ? 's3:AbortMultipartUpload' : 's3:DeleteObject')];
  if (method === 'GET' || method === 'HEAD') return [call('s3:GetObject')];
  return [call('s3:PutObject'), ...(headers['x-amz-acl'] === undefined ? [] : [call('s3:PutObjectAcl')])];
}
