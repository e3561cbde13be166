import { describe, expect, it } from 'vitest';
import { presignGet, signPost } from '../../../lib/aws/sign.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const REQUEST = {
  host: 'example.amazonaws.com',
  path: '/',
  service: 'service',
  region: 'us-east-1',
  headers: {},
  body: '',
  now: Date.UTC(2015, 7, 30, 12, 36, 0),
};

// Cases of AWS's Signature Version 4 test suite.
describe('signPost', () => {
  it('signs as AWS does (post-vanilla)', () => {
    expect(signPost(REQUEST, CREDENTIALS)).toEqual({
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    });
  });

  it('signs headers and body (post-x-www-form-urlencoded)', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(signPost({ ...REQUEST, headers, body: 'Param1=value1' }, CREDENTIALS).authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    );
  });

  it('signs the session token of temporary credentials', () => {
    const signed = signPost(REQUEST, { ...CREDENTIALS, sessionToken: 'token' });
    expect(signed['x-amz-security-token']).toBe('token');
    expect(signed.authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token');
  });
});

describe('presignGet', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html#query-string-auth-v4-signing-example
  it('signs a GET of an object as S3 documents it', () => {
    const url = presignGet(
      {
        host: 'examplebucket.s3.amazonaws.com',
        path: '/test.txt',
        payload: 'UNSIGNED-PAYLOAD',
        service: 's3',
        region: 'us-east-1',
        query: {},
        expiresInSeconds: 86_400,
        now: Date.UTC(2013, 4, 24),
      },
      { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    );

    expect(url).toContain('https://examplebucket.s3.amazonaws.com/test.txt?');
    expect(url).toContain('X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
  });
});
