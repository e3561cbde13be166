import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LambdaHost } from '../lambda-host/lambda-host.ts';
import { readBody } from '../lambda-host/runtime-api.ts';
import type { StackTemplate } from './stack-template.ts';

/**
 * Creates the stack's custom resources as CloudFormation does: an event to the function, which answers by PUT to a URL. Throws Error with
 * the reason when one fails or does not answer.
 */
export async function createCustomResources(template: StackTemplate, host: LambdaHost): Promise<void> {
  const answers = new Map<string, { Status: string; Reason?: string }>();
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        answers.set((request.url ?? '').slice(1), JSON.parse(body));
        response.end();
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    for (const resource of template.resources.filter(({ type }) => type.startsWith('Custom::'))) {
      const { ServiceToken, ...properties } = template.resolve(resource);
      const functionName = String(ServiceToken).split(':')[6] ?? '';
      const RequestId = randomUUID();
      const result = await host.invoke(functionName, {
        RequestType: 'Create',
        ResponseURL: `${url}/${RequestId}`,
        StackId: `arn:aws:cloudformation:us-east-1:000000000000:stack/${template.stackName}/local`,
        RequestId,
        ResourceType: resource.type,
        LogicalResourceId: resource.id,
        ResourceProperties: { ServiceToken, ...properties },
      });
      const answer = answers.get(RequestId);
      if (answer?.Status !== 'SUCCESS') {
        throw new Error(`resource ${resource.id} (${resource.type}) of ${template.stackName} failed: ${answer?.Reason ?? result.payload}`);
      }
    }
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
