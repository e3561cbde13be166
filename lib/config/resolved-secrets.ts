import type { LogFields, Logger } from '../core/logger.ts';
import type { ConfigProvider } from './providers/config-provider.ts';

/** Shorter values stand in too many texts that have nothing to do with them. */
const SHORTEST = 4;
const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'none']);
/** Values that are remembered; secrets that rotate must not fill the memory. */
const MOST = 1_000;
const HIDDEN = '[hidden]';

/**
 * What providers answered in this process, so that it is shown nowhere: errors of drivers and connectors like to repeat what they were given. Names,
 * configurations and offsets are left as they are; texts that people wrote for people are not.
 */
export class ResolvedSecrets {
  readonly #values = new Set<string>();

  /** The same providers; what they answer from now on is remembered. */
  watch(providers: ReadonlyMap<string, ConfigProvider>): ReadonlyMap<string, ConfigProvider> {
    return new Map([...providers].map(([name, provider]) => [name, this.#watched(provider)]));
  }

  /** The text without the values. */
  hide(text: string): string {
    let shown = text;
    for (const value of this.#values) if (shown.includes(value)) shown = shown.replaceAll(value, HIDDEN);
    return shown;
  }

  /** A logger that writes the values in no line. */
  logger(inner: Logger): Logger {
    const at = (write: (message: string, fields?: LogFields) => void) => (message: string, fields?: LogFields) =>
      write(this.hide(message), fields === undefined ? undefined : (this.#hideIn(fields) as LogFields));
    return {
      error: at((message, fields) => inner.error(message, fields)),
      warn: at((message, fields) => inner.warn(message, fields)),
      info: at((message, fields) => inner.info(message, fields)),
      debug: at((message, fields) => inner.debug(message, fields)),
      trace: at((message, fields) => inner.trace(message, fields)),
      child: (fields) => this.logger(inner.child(fields)),
    };
  }

  #hideIn(value: unknown): unknown {
    if (typeof value === 'string') return this.hide(value);
    if (Array.isArray(value)) return value.map((each) => this.#hideIn(each));
    if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.#hideIn(member)]));
  }

  #watched(provider: ConfigProvider): ConfigProvider {
    return {
      ...(provider.remote === true ? { remote: true } : {}),
      configure: (params) => provider.configure(params),
      close: () => provider.close?.(),
      get: async (path, keys) => {
        const answer = await provider.get(path, keys);
        for (const value of Object.values(answer.data)) this.#remember(value);
        return answer;
      },
    };
  }

  #remember(value: string): void {
    if (value.length < SHORTEST || WORDS.has(value.toLowerCase())) return;
    this.#values.delete(value);
    this.#values.add(value);
    const [oldest] = this.#values;
    if (this.#values.size > MOST && oldest !== undefined) this.#values.delete(oldest);
  }
}
