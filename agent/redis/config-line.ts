/**
 * Splits a line of redis.conf into words as Redis does: "double" quotes with \xHH, \n and the like,
 * 'single' quotes with \' alone.
 *
 * @returns `null` when a quote does not end, or something follows it without a space.
 */
export function splitArguments(line: string): readonly string[] | null {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    const found = nextWord(rest);
    if (found === null) return null;
    words.push(found.word);
    rest = rest.slice(found.length).trimStart();
  }
  return words;
}

/** Any bytes, as one word of redis.conf. */
export function quotedArgument(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${text}"`;
}

interface Word {
  readonly word: string;
  /** Characters of the line that it takes. */
  readonly length: number;
}

function nextWord(rest: string): Word | null {
  let word = '';
  let at = 0;
  while (at < rest.length && !isSpace(rest[at])) {
    const pattern = rest[at] === '"' ? doubleQuoted : rest[at] === "'" ? singleQuoted : bare;
    pattern.lastIndex = at;
    const part = pattern.exec(rest)?.[0];
    if (part === undefined) return null;
    at += part.length;
    word += pattern === bare ? part : unquoted(part);
    if (pattern !== bare && at < rest.length && !isSpace(rest[at])) return null;
  }
  return { word, length: at };
}

const bare = /[^\s"']+/y;
const doubleQuoted = /"(?:\\[\s\S]|[^"\\])*"/y;
const singleQuoted = /'(?:\\'|\\(?!')|[^'\\])*'/y;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

function unquoted(part: string): string {
  const inner = part.slice(1, -1);
  if (part.startsWith("'")) return inner.replaceAll("\\'", "'");
  return inner.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (_all, escape: string) =>
    escape.length === 3
      ? String.fromCharCode(Number.parseInt(escape.slice(1), 16))
      : (escapes[escape] ?? escape),
  );
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}
