/** A template, as far as the checks look at it. */
export interface TemplateJson {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

interface Mapping {
  readonly EventSourceArn?: unknown;
  readonly SelfManagedEventSource?: unknown;
  readonly FunctionName?: unknown;
  readonly FunctionResponseTypes?: unknown;
  readonly ProvisionedPollerConfig?: { readonly MinimumPollers?: number; readonly MaximumPollers?: number };
}
interface Statement {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** The eight kinds of mistake that cfn-lint lets pass; each as `logical id: what`. */
export function templateMistakes(template: TemplateJson): string[] {
  const found: string[] = [];
  const all = Object.entries(template.Resources);
  const timeoutOf = (reference: unknown): number => {
    const text = JSON.stringify(reference);
    const target = all.find(([id, { Type }]) => Type === 'AWS::Lambda::Function' && text.includes(`"${id}"`))?.[1];
    return Number(target?.Properties?.Timeout ?? 3);
  };
  for (const [id, { Type, Properties = {} }] of all) {
    const say = (what: string): void => void found.push(`${id}: ${what}`);
    if (Type === 'AWS::Lambda::EventSourceMapping') {
      const mapping = Properties as Mapping;
      if (mapping.EventSourceArn === undefined && mapping.SelfManagedEventSource === undefined) say('mapping without a source');
      const ofQueue = all.some(
        ([id, { Type }]) => Type === 'AWS::SQS::Queue' && JSON.stringify(mapping.EventSourceArn ?? '').includes(`"${id}"`),
      );
      if (!ofQueue && mapping.FunctionResponseTypes !== undefined && mapping.ProvisionedPollerConfig === undefined)
        say('partial answers without pollers');
      const { MinimumPollers = 1, MaximumPollers = 200 } = mapping.ProvisionedPollerConfig ?? {};
      if (MinimumPollers > MaximumPollers) say('more pollers at least than at most');
      if (timeoutOf(mapping.FunctionName) > 840) say('timeout over 14 minutes behind Kafka');
    }
    if (Type === 'AWS::Lambda::Function' && isRef(Properties.Role)) say('name of a role where its ARN belongs');
    if (Type === 'AWS::Scheduler::Schedule') {
      const expression = String(Properties.ScheduleExpression);
      if (/^rate\(1 \w+s\)$|^rate\((?!1 )\d+ \w+[^s]\)$/.test(expression)) say(`schedule ${expression}`);
      if (isRef((Properties.Target as { RoleArn?: unknown }).RoleArn)) say('name of a role where its ARN belongs');
    }
    if (Type === 'AWS::DynamoDB::Table') {
      const keys = JSON.stringify([Properties.KeySchema, Properties.GlobalSecondaryIndexes]);
      for (const { AttributeName } of (Properties.AttributeDefinitions ?? []) as { AttributeName: string }[]) {
        if (!keys.includes(`"AttributeName":"${AttributeName}"`)) say(`attribute ${AttributeName} is no key`);
      }
    }
    for (const statement of statementsOf(Type, Properties)) {
      for (const action of [statement.Action].flat()) {
        const service = String(action).split(':')[0] as string;
        const arns = [statement.Resource].flat().map((resource) => JSON.stringify(resource));
        for (const arn of arns) {
          const named = /"?arn:[^:]*:([a-z0-9-]+):/.exec(arn.replaceAll(/\{"Ref":"AWS::[A-Za-z]+"\}/g, '').replaceAll('","', ''))?.[1];
          if (named !== undefined && named !== service && !(named === 'kafka' && service === 'kafka-cluster')) say(`${action} on ${arn}`);
        }
      }
    }
  }
  return found;
}

function isRef(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'Ref' in value;
}

function statementsOf(type: string, properties: Readonly<Record<string, unknown>>): Statement[] {
  if (type === 'AWS::IAM::Policy') return (properties.PolicyDocument as { Statement: Statement[] }).Statement;
  if (type !== 'AWS::IAM::Role') return [];
  return ((properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
}
