import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonText } from '../../../lib/config/json-text.ts';
import { parseProperties } from '../../../lib/config/properties.ts';
import { redacted } from '../../../lib/config/redaction.ts';
import { resolveVariables } from '../../../lib/config/variables.ts';

const VARIABLE = `$${'{p:a}'}`;

/** As java.util.Properties.store writes a key or value. */
function stored(text: string, key: boolean): string {
  return text
    .replace(/[\\=:#!]/g, '\\$&')
    .replace(key ? / /g : /^ /, '\\ ')
    .replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

describe('texts of configurations', () => {
  it('reads back every .properties file as Java stores it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' })), (properties) => {
        const text = Object.entries(properties).map(([key, value]) => `${stored(key, true)}=${stored(value, false)}`);
        expect(parseProperties(['#comment', ...text].join('\n'))).toEqual({ ...properties });
      }),
    );
  });

  it('agrees with JSON.parse on what is JSON, and names a place inside the text or at its end otherwise', () => {
    const nearlyJson = fc
      .json()
      .chain((text) =>
        fc
          .tuple(fc.nat(text.length), fc.constantFrom('', '}', ']', '"', ',', '\\', 'x', '\n', '0'))
          .map(([at, extra]) => text.slice(0, at) + extra + text.slice(at + 1)),
      );
    fc.assert(
      fc.property(nearlyJson, (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (valid) parseJsonText(text);
        else expect(() => parseJsonText(text)).toThrow(/^malformed JSON in line \d+, column \d+: expected (?!other text)/);
      }),
      { numRuns: 2000 },
    );
  });

  it('replaces variables once, and what is not a variable never changes', async () => {
    const value = fc.string({ unit: fc.constantFrom('$', '{', '}', ':', 'a', 'p') });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom('x', 'y'), value), async (props) => {
        const none = await resolveVariables(props, new Map());
        expect(none.props).toEqual({ ...props });
        const nested = {
          configure() {},
          get: (_path: string, keys: ReadonlySet<string>) => ({
            data: Object.fromEntries([...keys].map((key) => [key, VARIABLE])),
            ttlMs: null,
          }),
        };
        const { props: resolved, secretKeys } = await resolveVariables(props, new Map([['p', nested]]));
        for (const key of Object.keys(props)) {
          expect(resolved[key]).toBe((props[key] as string).replace(/\$\{p:(?:[^}]*?:)?[^}]*?\}/g, VARIABLE));
          expect(secretKeys.has(key)).toBe(/\$\{p:[^}]*\}/.test(props[key] as string));
        }
      }),
    );
  });

  it('shows no secret, whatever it is', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!$%*+,.~-]{6,20}$/);
    fc.assert(
      fc.property(secret, (text) => {
        const props = {
          'connection.password': text,
          'sasl.jaas.config': `x required password="${text}";`,
          'aws.secret.access.key': text,
          'api.token': text,
          'connection.url': `jdbc:postgresql://h/db?user=u&password=${text}&ssl=true`,
          'proxy.url': `http://user:${text}@proxy:80/`,
          resolved: text,
        };
        expect(JSON.stringify(redacted(props, { secretKeys: new Set(['resolved']) }))).not.toContain(text);
      }),
    );
  });
});
