import { KafkaException } from '../errors.ts';

/** What kafkajs, node:net and node:tls throw. */
interface ForeignError {
  readonly name?: string;
  readonly code?: string | number;
  readonly message?: string;
}

/** How the wrong `security.protocol` shows itself: nobody understands the first bytes, and hangs up or waits for more. */
const NOT_UNDERSTOOD = /closed|timeout|disconnected|ECONNRESET/i;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME|ERR_(SSL|TLS)/;

/**
 * The KafkaException for a connection that broke, a request without an answer, or a refused login. Outages are retriable; refused
 * credentials and certificates are not. `what` = what was tried, in lower case; `opening` = the connection was never of use.
 */
export function connectionFailure(error: unknown, what: string, opening: boolean): KafkaException {
  if (error instanceof KafkaException) return error;
  const { name = '', code, message = String(error) } = error as ForeignError;
  const failed = (kafkaCode: string | null, javaClass: string, retriable: boolean, why: string) =>
    new KafkaException(`${what}: ${why}`, {
      kafkaCode,
      retriable,
      javaClass: `org.apache.kafka.common.errors.${javaClass}`,
      cause: error,
    });
  if (name === 'KafkaJSSASLAuthenticationError' || code === 58) {
    return failed('SASL_AUTHENTICATION_FAILED', 'SaslAuthenticationException', false, message);
  }
  if (code === 33 || code === 34) {
    return failed(code === 33 ? 'UNSUPPORTED_SASL_MECHANISM' : 'ILLEGAL_SASL_STATE', 'SaslAuthenticationException', false, message);
  }
  if (typeof code === 'string' && CERTIFICATE.test(code)) {
    return failed(null, 'SslAuthenticationException', false, `${message}; check ssl.truststore.* and security.protocol`);
  }
  if (name === 'KafkaJSRequestTimeoutError') return failed('REQUEST_TIMED_OUT', 'TimeoutException', true, message);
  const hint = opening && NOT_UNDERSTOOD.test(message) ? '; does security.protocol fit this port?' : '';
  return failed('NETWORK_EXCEPTION', 'DisconnectException', true, `${message}${hint}`);
}
