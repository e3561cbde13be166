import { json, type Route } from './exchange.ts';
import type { RestDeps } from './rest-deps.ts';

/** `GET /health` (KIP-1017): healthy once the state answers. */
export function healthRoutes({ stores }: RestDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      handle: async () => {
        try {
          await stores.configs.list();
        } catch (error) {
          return json(500, { status: 'unhealthy', message: `the state cannot be read: ${(error as Error).message}` });
        }
        return json(200, { status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' });
      },
    },
  ];
}
