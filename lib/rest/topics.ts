import { empty, json, type Route } from './exchange.ts';
import type { RestDeps } from './rest-deps.ts';
import { RestException } from './rest-exception.ts';

/** `/connectors/:connector/topics` (KIP-558). An unknown connector has used none. */
export function topicRoutes({ stores, workerProps }: RestDeps): Route[] {
  const isOff = (key: string) => workerProps[key]?.trim().toLowerCase() === 'false';
  const requireTracking = () => {
    if (isOff('topic.tracking.enable')) throw new RestException(403, 'Topic tracking is disabled.');
  };
  return [
    {
      method: 'GET',
      path: '/connectors/:connector/topics',
      handle: async ({ params }) => {
        requireTracking();
        const name = params.connector as string;
        return json(200, { [name]: { topics: await stores.status.topics(name) } });
      },
    },
    {
      method: 'PUT',
      path: '/connectors/:connector/topics/reset',
      handle: async ({ params }) => {
        requireTracking();
        if (isOff('topic.tracking.allow.reset')) throw new RestException(403, 'Topic tracking reset is disabled.');
        await stores.status.resetTopics(params.connector as string);
        return empty(202);
      },
    },
  ];
}
