import type { PluginManifest } from '../core/manifest.ts';
import { castKeyManifest, castValueManifest } from './cast.ts';
import { dropHeadersManifest } from './drop-headers.ts';
import { extractFieldKeyManifest, extractFieldValueManifest } from './extract-field.ts';
import { filterManifest } from './filter.ts';
import { flattenKeyManifest, flattenValueManifest } from './flatten.ts';
import { headerFromKeyManifest, headerFromValueManifest } from './header-from.ts';
import { hoistFieldKeyManifest, hoistFieldValueManifest } from './hoist-field.ts';
import { insertFieldKeyManifest, insertFieldValueManifest } from './insert-field.ts';
import { insertHeaderManifest } from './insert-header.ts';
import { maskFieldKeyManifest, maskFieldValueManifest } from './mask-field.ts';
import { regexRouterManifest } from './regex-router.ts';
import { replaceFieldKeyManifest, replaceFieldValueManifest } from './replace-field.ts';
import { setSchemaMetadataKeyManifest, setSchemaMetadataValueManifest } from './set-schema-metadata.ts';
import { timestampConverterKeyManifest, timestampConverterValueManifest } from './timestamp-converter.ts';
import { timestampRouterManifest } from './timestamp-router.ts';
import { valueToKeyManifest } from './value-to-key.ts';

/** All transformations, those for keys and values once for each. */
export const transformManifests: readonly PluginManifest[] = [
  castKeyManifest,
  castValueManifest,
  dropHeadersManifest,
  extractFieldKeyManifest,
  extractFieldValueManifest,
  filterManifest,
  flattenKeyManifest,
  flattenValueManifest,
  headerFromKeyManifest,
  headerFromValueManifest,
  hoistFieldKeyManifest,
  hoistFieldValueManifest,
  insertFieldKeyManifest,
  insertFieldValueManifest,
  insertHeaderManifest,
  maskFieldKeyManifest,
  maskFieldValueManifest,
  regexRouterManifest,
  replaceFieldKeyManifest,
  replaceFieldValueManifest,
  setSchemaMetadataKeyManifest,
  setSchemaMetadataValueManifest,
  timestampConverterKeyManifest,
  timestampConverterValueManifest,
  timestampRouterManifest,
  valueToKeyManifest,
];
