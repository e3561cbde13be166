import type { PluginManifest } from '../core/manifest.ts';
import { hasHeaderKeyManifest } from './has-header-key.ts';
import { recordIsTombstoneManifest } from './record-is-tombstone.ts';
import { topicNameMatchesManifest } from './topic-name-matches.ts';

/** All predicates. */
export const predicateManifests: readonly PluginManifest[] = [hasHeaderKeyManifest, recordIsTombstoneManifest, topicNameMatchesManifest];
