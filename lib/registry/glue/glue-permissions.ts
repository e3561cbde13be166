import type { PermissionNeed } from '../../core/manifest.ts';

const SCHEMAS = [
  'arn:{aws.partition}:glue:{region|aws.region}:{aws.account}:registry/{registry.name}',
  // Without `schemaName` schemas are named as their topics, which nobody lists.
  'arn:{aws.partition}:glue:{region|aws.region}:{aws.account}:schema/{registry.name}/{schemaName|*}',
];

/**
 * What a converter with the Glue Schema Registry does with AWS: reading versions, and where schemas are registered also writing them.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html
 */
export const GLUE_PERMISSIONS: readonly PermissionNeed[] = [
  {
    actions: ['glue:GetSchemaVersion'],
    resourceFrom: [],
    resources: ['*'],
    why: 'the schema behind the id in a message: Glue is asked by that id alone, which names no resource',
  },
  {
    actions: ['glue:GetSchemaByDefinition'],
    resourceFrom: ['registry.name'],
    resources: SCHEMAS,
    why: 'the id of a schema',
  },
  {
    actions: ['glue:RegisterSchemaVersion', 'glue:CreateSchema'],
    resourceFrom: ['registry.name'],
    resources: SCHEMAS,
    onlyWhere: { schemaAutoRegistrationEnabled: ['true'] },
    why: 'making schemas and versions, where that is configured',
  },
];
