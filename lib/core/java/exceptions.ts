/** An exception of the JDK that Connect lets through: `name` is its simple name, `javaClass` its full one. Never retriable. */
export class JavaException extends Error {
  readonly code: string = 'java';
  readonly retriable: boolean = false;
  readonly javaClass: string;

  constructor(message: string, javaClass: string, options?: ErrorOptions) {
    super(message, options);
    this.javaClass = javaClass;
    this.name = javaClass.slice(javaClass.lastIndexOf('.') + 1);
  }
}

/** An argument that cannot be, e.g. a field that a schema does not have. */
export class IllegalArgumentException extends JavaException {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'java.lang.IllegalArgumentException', options);
  }
}

/** A place that does not exist, e.g. a group that a regular expression does not have. */
export class IndexOutOfBoundsException extends JavaException {
  constructor(message: string) {
    super(message, 'java.lang.IndexOutOfBoundsException');
  }
}

/** Something that had to be there was null. */
export class NullPointerException extends JavaException {
  constructor(message: string) {
    super(message, 'java.lang.NullPointerException');
  }
}

/** A text is no number. The message is Java's: `For input string: "x"`. */
export class NumberFormatException extends JavaException {
  constructor(message: string) {
    super(message, 'java.lang.NumberFormatException');
  }
}

/**
 * A regular expression that Java refuses, or one whose Java meaning cannot be kept here (the description then says what and why).
 * The message has Java's form: description, index, the pattern, and a caret below the place.
 */
export class PatternSyntaxException extends JavaException {
  readonly description: string;

  constructor(description: string, pattern: string, index: number) {
    const caret = index >= 0 && index < pattern.length ? `\n${' '.repeat(index)}^` : '';
    super(`${description}${index >= 0 ? ` near index ${index}` : ''}\n${pattern}${caret}`, 'java.util.regex.PatternSyntaxException');
    this.description = description;
  }
}
