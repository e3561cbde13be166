import { DataException } from '../../../core/errors.ts';

/** An object that an event says was created. */
export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
}

/**
 * The objects in a message: an event of EventBridge, a notification of S3, either as SNS wraps it; none for S3's test of a new notification.
 * DataException for anything else. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function createdObjects(body: string): CreatedObject[] {
  const event = parsed(body);
  if (event.Type === 'Notification' && typeof event.Message === 'string') return createdObjects(event.Message);
  if (event.Event === 's3:TestEvent') return [];
  if (event['detail-type'] === 'Object Created' && isObject(event.detail)) {
    return [named(event.detail.bucket, event.detail.object, (key) => key, body)];
  }
  if (Array.isArray(event.Records) && event.Records.every(isObject)) {
    return event.Records.filter(({ eventName }) => typeof eventName === 'string' && /^(s3:)?ObjectCreated:/.test(eventName)).map(({ s3 }) =>
      named(isObject(s3) ? s3.bucket : null, isObject(s3) ? s3.object : null, formDecoded, body),
    );
  }
  throw notOurs(body);
}

type Members = Readonly<Record<string, unknown>>;

function parsed(body: string): Members {
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch (cause) {
    throw notOurs(body, cause);
  }
  if (!isObject(event)) throw notOurs(body);
  return event;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function named(bucket: unknown, object: unknown, decode: (key: string) => string, body: string): CreatedObject {
  const name = isObject(bucket) ? bucket.name : null;
  const key = isObject(object) ? object.key : null;
  if (typeof name !== 'string' || typeof key !== 'string') throw notOurs(body);
  return { bucket: name, key: decode(key) };
}

/** Notifications have keys as forms have them. */
function formDecoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

function notOurs(body: string, cause?: unknown): DataException {
  return new DataException(
    `the message is no event of S3: ${JSON.stringify(body.slice(0, 200))}; expected an object-created notification, or EventBridge's "Object Created"`,
    { cause },
  );
}
