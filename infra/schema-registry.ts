import type { ConnectorPlan } from './connector-plan.ts';

/** The registry by which Lambda checks and decodes records before it delivers them. */
export interface PollerRegistry {
  /** URL of a Confluent registry, or ARN of one of Glue. */
  readonly uri: string;
  readonly attributes: readonly string[];
  /** ARNs of secrets by what they are to Lambda; empty for Glue, which the function's role may read. */
  readonly access: readonly { readonly type: string; readonly secret: string }[];
  /** null = the converters of the configuration could read neither form. */
  readonly recordFormat: 'JSON' | 'SOURCE' | null;
}

const ACCESS_KEYS = {
  'lambda.schema.registry.basic.auth': 'BASIC_AUTH',
  'lambda.schema.registry.certificate': 'CLIENT_CERTIFICATE_TLS_AUTH',
  'lambda.schema.registry.ca': 'SERVER_ROOT_CA_CERTIFICATE',
};

/** What the `lambda.schema.registry.*` keys say; null = Lambda leaves records as they are, and converters ask registries themselves. */
export function pollerRegistry(plan: ConnectorPlan): PollerRegistry | null {
  const { lambda } = plan;
  const uri = lambda.getString('lambda.schema.registry.url');
  if (uri === null) return null;
  const attributes = lambda.getList('lambda.schema.registry.attributes');
  const access = Object.entries(ACCESS_KEYS).flatMap(([key, type]) => {
    const secret = lambda.getString(key);
    return secret === null ? [] : [{ type, secret }];
  });
  return { uri, attributes, access, recordFormat: recordFormatOf(plan, attributes) };
}

/** Lambda takes the schema's id off each record: what is left is JSON, or bytes that only a converter of bytes can read. */
function recordFormatOf({ config, worker }: ConnectorPlan, attributes: readonly string[]): PollerRegistry['recordFormat'] {
  const formats = attributes.map((attribute) => {
    const key = `${attribute.toLowerCase()}.converter`;
    const props = config[key] === undefined ? worker : config;
    const name = (props[key] ?? '').trim().split('.').at(-1);
    if (name === 'JsonConverter') return props[`${key}.schemas.enable`] === 'false' ? 'JSON' : null;
    return name === 'ByteArrayConverter' ? 'SOURCE' : null;
  });
  const [format = null] = formats;
  return formats.every((each) => each === format) ? format : null;
}
