const DIGIT = /^\p{Nd}$/u;

/** `Character.isDigit` of one UTF-16 unit: a decimal digit of any script. */
export function isJavaDigit(unit: string): boolean {
  return (unit >= '0' && unit <= '9') || (unit > '\x7f' && DIGIT.test(unit));
}

/**
 * Digits of other scripts as ASCII ones; those beyond the first plane stay, for Java looks at single UTF-16 units. Scripts have their
 * digits in runs of ten, so a digit's value is how many stand before it.
 */
export function asciiDigits(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => {
    if (!isJavaDigit(unit)) return unit;
    const code = unit.charCodeAt(0);
    let first = code;
    while (isJavaDigit(String.fromCharCode(first - 1))) first--;
    return String((code - first) % 10);
  });
}
