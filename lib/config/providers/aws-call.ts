/** One call of an AWS service's JSON protocol. */
export interface AwsCallRequest {
  /** As in host names, e.g. `secretsmanager`. */
  readonly service: string;
  /** Value of `x-amz-target`, e.g. `secretsmanager.GetSecretValue`. */
  readonly target: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the call does, for messages: `reading secret shop/db`. */
  readonly doing: string;
  /** null = the environment's. */
  readonly region: string | null;
}

/** Sends a signed request and answers the parsed body. Throws RetriableException for an outage, ConnectException for a refusal. */
export type AwsCall = (request: AwsCallRequest) => Promise<unknown>;

/** Reads an object of S3 as text; `region` null = the environment's. Throws as {@link AwsCall}. */
export type AwsGetObject = (object: {
  readonly bucket: string;
  readonly key: string;
  readonly doing: string;
  readonly region: string | null;
}) => Promise<string>;

/** How config providers reach AWS. */
export interface AwsAccess {
  readonly call: AwsCall;
  readonly getObject: AwsGetObject;
}
