import { json, type Route } from './exchange.ts';
import type { RestDeps } from './rest-deps.ts';

/** `GET /`: what is listening here. */
export function rootRoutes({ version }: RestDeps): Route[] {
  // There is no build that could name its commit, and cluster ids are not looked up for a greeting.
  const greeting = { version, commit: 'unknown', kafka_cluster_id: null };
  return [{ method: 'GET', path: '/', handle: async () => json(200, greeting) }];
}
