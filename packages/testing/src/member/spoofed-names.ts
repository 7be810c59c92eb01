/** Names that look like another one, or like something that an app says by itself: for a member that poses as `name`. */
export function spoofedNames(name: string): readonly string[] {
  return [
    name,
    `${name} (you)`,
    `${name} (host)`,
    'You',
    // Written from right to left, with zero width, with soft hyphens and with what joins nothing.
    `\u202e${[...name].toReversed().join('')}`,
    [...name].join('\u200b'),
    [...name].join('\u00ad'),
    `${name}\u2060`,
    // Of other alphabets, of full width and composed otherwise.
    name.replaceAll('a', '\u0430').replaceAll('e', '\u0435').replaceAll('o', '\u043e'),
    [...name].map((letter) => toFullWidth(letter)).join(''),
    name.normalize('NFD'),
    `${name}\n\nJoined the call`,
    `\u0000\u0007${name}\u001b[2J`,
    ` ${name} `,
    `${name}\u{e0041}\u{e007f}`,
    `${name.slice(0, 1)}${'\u0301'.repeat(60)}${name.slice(1)}`,
    '\u{1f512} Encrypted',
    name.padEnd(80, '\u00a0'),
    'W'.repeat(80),
    '',
  ]
}

const toFullWidth = (letter: string): string => {
  const code = letter.codePointAt(0) ?? 0
  return code > 0x20 && code < 0x7f ? String.fromCodePoint(code + 0xfee0) : letter
}
