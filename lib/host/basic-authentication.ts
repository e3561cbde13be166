import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseProperties } from '../config/properties.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { ConfigException } from '../core/errors.ts';
import type { RestResponse } from '../rest/exchange.ts';
import type { RestHandler } from '../rest/router.ts';

const EXTENSION = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension';
const LOGIN_MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';
const REFUSED: RestResponse = {
  status: 401,
  headers: { 'content-type': 'text/plain', 'www-authenticate': 'Basic realm="connect"' },
  body: 'User cannot access the resource.',
};

/**
 * Connect's extension for basic authentication (`rest.extension.classes`): users and passwords stand in the properties file that entry
 * `KafkaConnect` of a JAAS file names. The JAAS file is found where a JVM finds it, by `-Djava.security.auth.login.config=FILE` in
 * `KAFKA_OPTS`. Nothing but 401 is answered without the right password, whatever the path. Throws ConfigException for another extension and
 * for files that cannot be read: a worker that was meant to be closed does not start open.
 */
export function basicAuthentication(
  worker: ConnectorProps,
  handler: RestHandler,
  env: Readonly<Record<string, string | undefined>> = process.env,
): RestHandler {
  const extensions = (worker['rest.extension.classes'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (extensions.length === 0) return handler;
  const unknown = extensions.find((name) => name !== EXTENSION);
  if (unknown !== undefined) {
    throw ConfigException.invalid('rest.extension.classes', unknown, `only ${EXTENSION} is known here`);
  }
  const passwords = readPasswords(env);
  return async (request) => (isAllowed(passwords, request.headers.authorization) ? handler(request) : REFUSED);
}

function isAllowed(passwords: ReadonlyMap<string, string>, header: string | undefined): boolean {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header?.trim() ?? '') ?? [];
  if (encoded === undefined) return false;
  const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  const expected = passwords.get(user);
  return expected !== undefined && equalInConstantTime(password, expected);
}

function equalInConstantTime(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function readPasswords(env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  const [, jaasFile] = /-Djava\.security\.auth\.login\.config=(\S+)/.exec(env.KAFKA_OPTS ?? '') ?? [];
  if (jaasFile === undefined) {
    throw new ConfigException(
      'rest.extension.classes asks for basic authentication, but no JAAS file is named; set KAFKA_OPTS=-Djava.security.auth.login.config=FILE',
    );
  }
  const text = read('the JAAS file', jaasFile);
  const [, entry] = /KafkaConnect\s*\{([^}]*)\}/.exec(text) ?? [];
  const [, file] = /\bfile\s*=\s*"([^"]*)"/.exec(entry ?? '') ?? [];
  if (entry === undefined || !entry.includes(LOGIN_MODULE) || file === undefined) {
    throw new ConfigException(
      `the JAAS file ${jaasFile} has no usable entry for the REST API; allowed: KafkaConnect { ${LOGIN_MODULE} required file="USERS.properties"; };`,
    );
  }
  const passwords = new Map(Object.entries(parseProperties(read('the file of users', file))));
  if (passwords.size === 0) throw new ConfigException(`the file of users ${file} is empty; each line is user=password`);
  return passwords;
}

function read(what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigException(`${what} ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
