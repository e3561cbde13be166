import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One resource as it stands in a template, intrinsic functions not yet resolved. */
export interface TemplateResource {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A synthesised stack: what CloudFormation would get, and where the assets lie. */
export interface StackTemplate {
  readonly stackName: string;
  readonly resources: readonly TemplateResource[];
  /** Properties with every Ref, GetAtt, Join, Sub and Select replaced. Throws Error for a function that is none of these. */
  resolve(resource: TemplateResource): Readonly<Record<string, unknown>>;
  /** What Ref answers for it. */
  physicalId(resource: TemplateResource): string;
  /** Folder of an asset, by the object key under which it would be uploaded. */
  assetDir(objectKey: string): string;
}

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Reads a stack out of a cloud assembly (`cdk.out`). Without a name there must be exactly one. Throws Error naming the stacks there are. */
export function readStackTemplate(assemblyDir: string, stack?: string): StackTemplate {
  const manifest = readJson(assemblyDir, 'manifest.json') as {
    artifacts: Record<string, { type: string; properties: { templateFile: string; stackName?: string } }>;
  };
  const stacks = Object.entries(manifest.artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const found = stack === undefined && stacks.length === 1 ? stacks[0] : stacks.find(([id]) => id === stack);
  if (found === undefined) {
    throw new Error(`${assemblyDir} holds ${stacks.map(([id]) => id).join(', ') || 'no stack'}; asked for ${stack ?? 'the only one'}`);
  }
  const [artifact, { properties }] = found;
  const stackName = properties.stackName ?? artifact;
  const template = readJson(assemblyDir, properties.templateFile) as {
    Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  };
  const assets = readJson(assemblyDir, properties.templateFile.replace('.template.json', '.assets.json')) as {
    files: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>;
  };
  const resources = Object.entries(template.Resources).map(([id, { Type, Properties }]) => ({
    id,
    type: Type,
    properties: Properties ?? {},
  }));
  const byId = new Map(resources.map((resource) => [resource.id, resource]));

  const name = (id: string): string => {
    if (id === 'AWS::StackName') return stackName;
    if (id === 'AWS::StackId') return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stackName}/local`;
    const resource = byId.get(id);
    if (resource === undefined) return PSEUDO[id] ?? fail(`the template refers to '${id}', which it does not hold`);
    const given = resource.properties.FunctionName ?? resource.properties.TableName ?? resource.properties.Name;
    return given === undefined ? `${stackName}-${id}` : String(resolve(given));
  };
  const attribute = (id: string, attributeName: string): string => {
    if (attributeName !== 'Arn') return `${name(id)}.${attributeName}`;
    const type = byId.get(id)?.type ?? '';
    const [, service = 'local', kind = 'resource'] = type.toLowerCase().split('::');
    const separator = service === 'lambda' ? ':' : '/';
    return `arn:aws:${service}:${REGION}:${ACCOUNT}:${kind}${separator}${name(id)}`;
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (first !== undefined && entries.length === 1) {
      const [key, argument] = first;
      if (key === 'Ref') return name(argument as string);
      if (key === 'Fn::GetAtt') return attribute(...(argument as [string, string]));
      if (key === 'Fn::Join') return (resolve((argument as [string, unknown[]])[1]) as unknown[]).join((argument as [string])[0]);
      if (key === 'Fn::Sub') return String(argument).replace(/\$\{([^}]+)\}/g, (_, id: string) => name(id));
      if (key === 'Fn::Select') return (resolve((argument as [number, unknown[]])[1]) as unknown[])[(argument as [number])[0]];
      if (key.startsWith('Fn::')) return fail(`the local deployment does not know ${key}`);
    }
    return Object.fromEntries(entries.map(([key, member]) => [key, resolve(member)]));
  };

  return {
    stackName,
    resources,
    resolve: ({ properties: unresolved }) => resolve(unresolved) as Record<string, unknown>,
    physicalId: ({ id }) => name(id),
    assetDir(objectKey) {
      const asset = Object.values(assets.files).find(({ destinations }) =>
        Object.values(destinations).some((destination) => destination.objectKey === objectKey),
      );
      return join(assemblyDir, asset?.source.path ?? fail(`no asset has the key '${objectKey}'`));
    },
  };
}

function readJson(dir: string, file: string): unknown {
  return JSON.parse(readFileSync(join(dir, file), 'utf8'));
}

function fail(message: string): never {
  throw new Error(message);
}
