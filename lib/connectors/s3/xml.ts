/** Reads what S3 answers: flat XML without attributes that matter. */

/** What stands in every `<name>` of a text. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 'gs'))].map(([, content]) => content as string);
}

/** What stands in the first `<name>`; null = there is none. */
export function element(xml: string, name: string): string | null {
  return elements(xml, name)[0] ?? null;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The text of the first `<name>`, entities resolved; empty = there is none. */
export function textOf(xml: string, name: string): string {
  const content = element(xml, name) ?? '';
  return content.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, entity) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[entity as string] ?? whole;
  });
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A text as it stands in an element of XML. */
export function xmlText(text: string): string {
  return text.replace(/[&<>]/g, (char) => ESCAPED[char]!);
}
