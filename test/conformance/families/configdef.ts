import { connectorConfigDef } from '../../../lib/config/connector-config.ts';
import { sinkConnectorConfigDef } from '../../../lib/config/sink-connector-config.ts';
import { sourceConnectorConfigDef } from '../../../lib/config/source-connector-config.ts';
import type { ConfigDef, ConfigKey, ConfigType, Validator } from '../../../lib/core/config/config-def.ts';
import { configToString } from '../../../lib/core/config/config-text.ts';
import { parseType } from '../../../lib/core/config/parse-type.ts';
import { Password } from '../../../lib/core/config/password.ts';
import * as Validators from '../../../lib/core/config/validators.ts';
import type { PluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { type ConformanceCase, encodeError } from '../format/case.ts';
import { decodeValue, encodeValue, ForeignObject, type ValueJson } from '../format/codec.ts';
import { kafkaPlugins } from '../format/plugins.ts';

interface ValidatorJson {
  readonly kind: string;
  readonly args: readonly (ValueJson | boolean | readonly (string | null)[] | ValidatorJson)[];
}

interface Input {
  readonly name: string;
  readonly type: ConfigType;
  readonly value: ValueJson;
  readonly validator: ValidatorJson;
}

export async function run(case_: ConformanceCase): Promise<unknown> {
  const { op, plugin, config = {}, expect } = case_;
  const input = case_.input as unknown as Input;
  switch (op) {
    case 'parseType': {
      const parsed = parseType(input.name, decodeTyped(input.value, input.type), input.type);
      return { value: encodeConfigValue(parsed, input.type), string: configToString(parsed, input.type) };
    }
    case 'validator':
      return judge(input);
    case 'keys':
      return encodeKeys(await configDefOf(plugin!), expect.keys as readonly { name: string }[]);
    case 'parse': {
      const def = await configDefOf(plugin!);
      const values = [...def.parse(config).values].map(([name, value]) => [name, encodeConfigValue(value, def.keys.get(name)!.type)]);
      return { values: Object.fromEntries(values) };
    }
    case 'validate': {
      const def = await configDefOf(plugin!);
      const values = def.validate(config).sort((a, b) => (a.name < b.name ? -1 : 1));
      return {
        values: values.map(({ name, value, errorMessages, recommendedValues, visible }) => ({
          name,
          value: encodeConfigValue(value, def.keys.get(name)!.type),
          errors: errorMessages,
          recommended: recommendedValues.map((recommended) => encodeConfigValue(recommended, def.keys.get(name)!.type)),
          visible,
        })),
      };
    }
    default:
      throw new Error(`unknown operation ${op}`);
  }
}

/** A typed value; one of a Java class that the type does not take and TypeScript cannot tell apart is an object of a foreign class. */
function decodeTyped(json: ValueJson, type: ConfigType): unknown {
  return type === 'SHORT' && json !== null && 'int32' in json ? new ForeignObject('java.lang.Integer') : decodeValue(json);
}

function encodeConfigValue(value: unknown, type: ConfigType): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Password) return { password: value.reveal() };
  switch (type) {
    case 'CLASS':
      return { class: value };
    case 'INT':
      return { int32: value };
    case 'SHORT':
      return { int16: value };
    case 'DOUBLE':
      return { float64: Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value) };
    default:
      return encodeValue(value);
  }
}

function encodeKeys(def: ConfigDef, recorded: readonly { readonly name: string }[]): unknown {
  const keys = [...def.keys.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    keys: keys.map((key) =>
      encodeKey(
        key,
        recorded.find(({ name }) => name === key.name),
      ),
    ),
    groups: def.groups,
  };
}

function encodeKey(key: ConfigKey, recorded: object | undefined): unknown {
  return {
    name: key.name,
    type: key.type,
    required: key.required,
    ...(key.required ? {} : { default: encodeConfigValue(key.defaultValue, key.type) }),
    importance: key.importance,
    group: key.group,
    orderInGroup: key.orderInGroup,
    width: key.width,
    displayName: key.displayName,
    dependents: key.dependents,
    internal: key.internal,
    ...(key.validator === null ? {} : { hasValidator: true }),
    // Validators that have no text of their own in Java are recorded without one.
    ...(key.validator === null || (recorded !== undefined && !('validator' in recorded)) ? {} : { validator: key.validator.describe() }),
  };
}

function judge({ name, validator, value }: Input): unknown {
  const made = makeValidator(validator);
  try {
    made.ensureValid(name, decodeValue(value));
    return { valid: true, validatorText: made.describe() };
  } catch (error) {
    return { error: encodeError(error), validatorText: made.describe() };
  }
}

function makeValidator({ kind, args }: ValidatorJson): Validator {
  const double = args.some((arg) => arg !== null && typeof arg === 'object' && 'float64' in arg);
  const numbers = () => args.map((arg) => decodeValue(arg as ValueJson) as number);
  switch (kind) {
    case 'Range.atLeast':
      return Validators.Range.atLeast(numbers()[0]!, { double });
    case 'Range.between':
      return Validators.Range.between(numbers()[0]!, numbers()[1]!, { double });
    case 'ValidString.in':
      return Validators.ValidString.in(...(args[0] as string[]));
    case 'CaseInsensitiveValidString.in':
      return Validators.CaseInsensitiveValidString.in(...(args[0] as string[]));
    case 'ValidList.in': {
      const [allowEmpty, allowed] = args.length === 1 ? [true, args[0]] : args;
      return Validators.ValidList.in(allowed as string[], { allowEmpty: allowEmpty as boolean });
    }
    case 'ValidList.anyNonDuplicateValues':
      return Validators.ValidList.anyNonDuplicateValues(args[0] as boolean, args[1] as boolean);
    case 'ListSize.atMostOfSize':
      return Validators.ListSize.atMostOfSize(numbers()[0]!);
    case 'CompositeValidator.of':
      return Validators.CompositeValidator.of(...args.map((arg) => makeValidator(arg as ValidatorJson)));
    case 'NonEmptyString':
      return Validators.NonEmptyString;
    case 'NonEmptyStringWithoutControlChars':
      return Validators.NonEmptyStringWithoutControlChars;
    case 'NonNullValidator':
      return Validators.NonNull;
    case 'NonEmptyListValidator':
      return Validators.NonEmptyList;
    case 'RegexValidator':
      return Validators.RegexValidator;
    default:
      throw new Error(`unknown validator ${kind}`);
  }
}

const CONNECTOR_CONFIGS: Readonly<Record<string, (resolver: PluginResolver) => ConfigDef>> = {
  'org.apache.kafka.connect.runtime.ConnectorConfig': connectorConfigDef,
  'org.apache.kafka.connect.runtime.SourceConnectorConfig': sourceConnectorConfigDef,
  'org.apache.kafka.connect.runtime.SinkConnectorConfig': sinkConnectorConfigDef,
};

async function configDefOf(plugin: string): Promise<ConfigDef> {
  const resolver = await kafkaPlugins();
  const make = CONNECTOR_CONFIGS[plugin];
  if (make !== undefined) return make(withoutRecommendations(resolver));
  const manifest = resolver.anyKind(plugin);
  if (manifest === null) throw new Error(`no plug-in ${plugin}`);
  return manifest.configDef;
}

/** The cases were recorded without a plug-in path: classes exist, but none is recommended. */
function withoutRecommendations(resolver: PluginResolver): PluginResolver {
  return {
    manifests: [],
    connector: (name) => resolver.connector(name),
    find: (kind, name) => resolver.find(kind, name),
    anyKind: (name) => resolver.anyKind(name),
    abstractClass: (name) => resolver.abstractClass(name),
    nearest: (kind, name) => resolver.nearest(kind, name),
  };
}
