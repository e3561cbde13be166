/** The part of kafkajs 2.2.4's private `Connection` that `internals.ts` uses; a unit test compares it with the package. */
declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net';
  import type { ConnectionOptions as TlsOptions } from 'node:tls';

  class Connection {
    constructor(options: Connection.Options);
    readonly socket: Socket | undefined;
    readonly requestQueue: Connection.RequestQueue;
    connect(): Promise<boolean>;
    disconnect(): Promise<boolean>;
    isConnected(): boolean;
    authenticate(): Promise<void>;
    setVersions(versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>>): void;
    setSupportAuthenticationProtocol(supported: boolean): void;
    isAuthenticated(): boolean;
    nextCorrelationId(): number;
    rejectRequests(error: Error): void;
  }

  namespace Connection {
    interface Logger {
      namespace(name: string): Logger;
      debug(message: string, extra?: object): void;
      info(message: string, extra?: object): void;
      warn(message: string, extra?: object): void;
      error(message: string, extra?: object): void;
    }

    interface Options {
      readonly host: string;
      readonly port: number;
      readonly clientId: string;
      readonly logger: Logger;
      readonly socketFactory: (target: { host: string; port: number; ssl: TlsOptions | null; onConnect: () => void }) => Socket;
      readonly ssl: TlsOptions | null;
      readonly sasl: object | null;
      readonly connectionTimeout: number;
      readonly requestTimeout: number;
    }

    interface RequestQueue {
      readonly pending: readonly unknown[];
      readonly inflight: ReadonlyMap<number, unknown>;
      readonly throttledUntil: number;
      throttleCheckTimeoutId: NodeJS.Timeout | null;
      scheduleCheckPendingRequests: () => void;
      push(request: {
        readonly entry: {
          readonly apiKey: number;
          readonly apiName: string;
          readonly apiVersion: number;
          readonly correlationId: number;
          readonly resolve: (answer: { readonly payload: Buffer }) => void;
          readonly reject: (error: Error) => void;
        };
        readonly expectResponse: boolean;
        /** null = that of the connection. */
        readonly requestTimeout: number | null;
        readonly sendRequest: () => void;
      }): void;
      checkPendingRequests(): void;
    }
  }

  export = Connection;
}
