import type middy from '@middy/core';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

/**
 * Tells CloudFormation how a custom resource went, whatever happens: a stack whose function does not answer waits for an hour. The
 * handler's answer becomes the physical id. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export function answerCloudFormation(): middy.MiddlewareObj<CloudFormationCustomResourceEvent, string> {
  return {
    after: ({ event, response }) => answer(event, { Status: 'SUCCESS', PhysicalResourceId: response ?? event.LogicalResourceId }),
    async onError({ event, error }) {
      const PhysicalResourceId = 'PhysicalResourceId' in event ? event.PhysicalResourceId : event.LogicalResourceId;
      await answer(event, { Status: 'FAILED', Reason: String(error?.message ?? error), PhysicalResourceId });
      // Answered is answered: an error here would have Lambda run the handler again.
      return PhysicalResourceId;
    },
  };
}

async function answer(event: CloudFormationCustomResourceEvent, result: Record<string, string>): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const response = await fetch(event.ResponseURL, {
    method: 'PUT',
    body: JSON.stringify({ ...result, StackId, RequestId, LogicalResourceId }),
    // The presigned URL was signed without a content type.
    headers: { 'content-type': '', connection: 'close' },
  });
  if (!response.ok) throw new Error(`cloudformation refused the answer: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}
