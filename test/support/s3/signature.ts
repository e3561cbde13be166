import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why the signature of a request (AWS Signature Version 4, in the header) is wrong; null = it is right. */
export function signatureProblem(request: IncomingMessage, body: Buffer, secretOf: (accessKeyId: string) => string | null): string | null {
  const header = request.headers.authorization ?? '';
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (match === null) return `no signature in ${JSON.stringify(header)}`;
  const [, accessKeyId, date, region, signedHeaders, signature] = match as unknown as [string, string, string, string, string, string];
  const secret = secretOf(accessKeyId);
  if (secret === null) return `unknown access key ${accessKeyId}`;
  const time = String(request.headers['x-amz-date']);
  if (!time.startsWith(date)) return 'the date of the scope is not that of the request';
  const declared = String(request.headers['x-amz-content-sha256']);
  const actual = createHash('sha256').update(body).digest('hex');
  if (declared !== 'UNSIGNED-PAYLOAD' && declared !== actual) return 'x-amz-content-sha256 is not that of the body';
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const sortedQuery = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&');
  const names = signedHeaders.split(';');
  for (const name of Object.keys(request.headers)) {
    if ((name.startsWith('x-amz-') || name === 'host') && !names.includes(name)) return `header ${name} is not signed`;
  }
  const headers = names.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`).join('');
  const canonical = `${request.method}\n${path}\n${sortedQuery}\n${headers}\n${signedHeaders}\n${declared}`;
  const scope = `${date}/${region}/s3/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const expected = createHmac('sha256', key).update(toSign).digest('hex');
  return expected === signature ? null : 'the signature does not match';
}
