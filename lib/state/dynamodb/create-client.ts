import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * A client whose calls end well within a lease (30 s): an answer that takes 5 s is waited for, a lost one is asked for twice more.
 * Region, credentials and endpoint come from the environment where they are not given (`AWS_ENDPOINT_URL_DYNAMODB`).
 */
export function createDynamoDbClient(
  options: {
    readonly endpoint?: string;
    readonly region?: string;
    readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  } = {},
): DynamoDBClient {
  return new DynamoDBClient({
    ...options,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_500, requestTimeout: 6_000, throwOnRequestTimeout: true },
  });
}
