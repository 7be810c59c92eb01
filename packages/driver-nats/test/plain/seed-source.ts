/** The driver of the seed's text, word for word: the class, and the class with the text's own encryption applied to it. */

export interface SeedDrivers {
  readonly plain: string
  readonly encrypted: string
}

/** Takes the drivers out of the text. */
export function readSeedDrivers(text: string): SeedDrivers {
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code = '']) => ({
    language,
    code,
  }))
  const pick = (language: string, words: string): string => {
    const found = blocks.find((block) => block.language === language && block.code.includes(words))
    if (found === undefined) throw new Error(`the text has no ${language} with ${words}`)
    return found.code
  }
  const plain = pick('javascript', 'class NatsDriver')
  const helpers = ['createEncryptionKey(', 'function encrypt(', 'function decrypt('].map((name) =>
    pick('javascript', name),
  )
  const encrypted = [...helpers, applyChanges(plain, pick('diff', 'cryptoKey'))].join('\n')
  return {
    plain: `${plain}\nexport { NatsDriver }\n`,
    encrypted: `${encrypted}\nexport { NatsDriver }\n`,
  }
}

/** Applies a difference whose lines stand in the order of the source, some left out between them. */
function applyChanges(source: string, difference: string): string {
  const rest = source.split('\n')
  const changed: string[] = []
  for (const line of difference.trimEnd().split('\n')) {
    const isAdded = line.startsWith('+')
    const text = line.replace(/^[+-]/, ' ').trim()
    if (isAdded) {
      changed.push(text)
      continue
    }
    const at = rest.findIndex((candidate) => candidate.trim() === text)
    if (at < 0) throw new Error(`the source has no further line: ${text}`)
    const passed = rest.splice(0, at + 1)
    changed.push(...(line.startsWith('-') ? passed.slice(0, -1) : passed))
  }
  return [...changed, ...rest].join('\n')
}
