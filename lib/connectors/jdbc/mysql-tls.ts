import { readFileSync } from 'node:fs';
import type { SslOptions } from 'mysql2';

/** How TLS is asked for; `required` false = in plain text where the server has none. */
export interface MysqlTls {
  readonly options: SslOptions;
  readonly required: boolean;
}

/**
 * `sslMode` of MySQL's and MariaDB's JDBC drivers, and the older `useSSL`, `requireSSL` and `verifyServerCertificate`; null = no TLS. By
 * default MySQL's driver uses TLS where the server has it, without looking at its certificate. Certificates are PEM files
 * (`serverSslCert`); the Java key stores of the drivers cannot be read here.
 */
export function mysqlTls(options: ReadonlyMap<string, string>): MysqlTls | null {
  const file = options.get('serverSslCert')?.replace(/^file:(\/\/)?/, '');
  const ca = file === undefined ? undefined : readFileSync(file, 'utf8');
  switch (modeOf(options)) {
    case 'disabled':
      return null;
    case 'preferred':
      return { options: { rejectUnauthorized: false }, required: false };
    case 'required':
    case 'trust':
      return { options: { rejectUnauthorized: false }, required: true };
    case 'verify_ca':
      return { options: { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) }, required: true };
    default:
      return { options: { rejectUnauthorized: true, verifyIdentity: true, ...(ca === undefined ? {} : { ca }) }, required: true };
  }
}

function modeOf(options: ReadonlyMap<string, string>): string {
  const mode = options.get('sslMode')?.toLowerCase().replace('-', '_');
  if (mode !== undefined) return mode === 'disable' ? 'disabled' : mode === 'verify_full' ? 'verify_identity' : mode;
  const flag = (key: string): boolean | null => {
    const value = options.get(key);
    return value === undefined ? null : value !== 'false';
  };
  const use = flag('useSSL') ?? flag('useSsl');
  if (use === false) return 'disabled';
  if (use === true && flag('verifyServerCertificate') === true) return 'verify_ca';
  return use === true && flag('requireSSL') === true ? 'required' : 'preferred';
}
