/** What of a configuration cannot be done, as manifests say it: the key without its prefix, and why. */
type Refusals = readonly { readonly key: string; readonly message: string }[];
type Settings = Readonly<Record<string, string>>;

const SSL = 'schema.registry.ssl';

/** What the converters with Confluent's registry cannot do, known from their settings alone; they refuse the same when they are configured. */
export function registryRefusals(settings: Settings): Refusals {
  const refused: { readonly key: string; readonly message: string }[] = [];
  for (const key of ['rule.executors', 'rule.actions']) {
    if (settings[key]?.trim()) refused.push({ key, message: 'rules of schemas are not executed here' });
  }
  const bearer = settings['bearer.auth.credentials.source']?.trim();
  if (bearer !== undefined && bearer !== 'STATIC_TOKEN' && bearer !== 'OAUTHBEARER') {
    refused.push({
      key: 'bearer.auth.credentials.source',
      message: `${bearer} needs a Java class; allowed here are STATIC_TOKEN and OAUTHBEARER`,
    });
  }
  for (const [store, types] of [
    ['truststore', ['PEM']],
    ['keystore', ['PEM', 'PKCS12']],
  ] as const) {
    const type = (settings[`${SSL}.${store}.type`] ?? 'JKS').trim().toUpperCase();
    if (settings[`${SSL}.${store}.location`]?.trim() && !types.some((allowed) => allowed === type)) {
      refused.push({
        key: `${SSL}.${store}.type`,
        message: `stores of type ${type} cannot be read here; allowed are ${types.join(' and ')}`,
      });
    }
  }
  return refused;
}

/** What the converters with AWS's registry cannot do. */
export function glueRefusals(settings: Settings): Refusals {
  if (!settings.assumeRoleArn?.trim()) return [];
  return [{ key: 'assumeRoleArn', message: 'roles are not assumed here: give the permissions to the function' }];
}
