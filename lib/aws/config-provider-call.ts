import { type AwsEnvironment, callService, getObject } from './service-request.ts';

/** A call of a service's JSON protocol, as config providers make it. */
export interface JsonCall {
  readonly service: string;
  readonly target: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly doing: string;
  /** null = the environment's. */
  readonly region: string | null;
}

/** How config providers reach AWS with the credentials of the environment. */
export function configProviderAccess(env: AwsEnvironment) {
  return {
    call: configProviderCall(env),
    getObject: ({ region, ...object }: { bucket: string; key: string; doing: string; region: string | null }) =>
      getObject(object, region === null ? env : { ...env, AWS_REGION: region }),
  };
}

/** Throws as {@link callService}. */
export function configProviderCall(env: AwsEnvironment): (call: JsonCall) => Promise<unknown> {
  return async ({ service, target, body, doing, region }) => {
    const text = await callService(
      {
        service,
        path: '/',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
        body: JSON.stringify(body),
        doing,
      },
      region === null ? env : { ...env, AWS_REGION: region },
    );
    return JSON.parse(text) as unknown;
  };
}
