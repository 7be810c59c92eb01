import {
  createPassphraseKeySource,
  ExternalE2EEKeyProvider,
  passphraseToBytes,
} from '@conclave/e2ee/passphrase'
import { expect, test } from 'vitest'
import { bytesToHex, bytesToText } from '../fixtures.ts'

const PASSPHRASE = 'pioneer velvet orbit magnet lunar satisfy'

test('[K36] keyboards, pages and messages do not change a passphrase', () => {
  const base = `P\u00e4sswort "mit" \u00fc - it's 17`
  const same = {
    decomposed: base.normalize('NFD'),
    'a space that a keyboard adds': `${base} `,
    'a line break of a copy': `${base}\r\n`,
    'line breaks within': base.replaceAll(' ', '\n'),
    'no-break spaces': base.replaceAll(' ', '\u00a0'),
    'two spaces, and one before': ` ${base.replaceAll(' ', '  ')}`,
    tabs: base.replaceAll(' ', '\t'),
    'a next line': base.replaceAll(' ', '\u0085'),
    'full width': base.replaceAll('17', '\uff11\uff17').replaceAll(' ', '\u3000'),
    'quotation marks of a telephone': base.replaceAll(`"`, '\u201d').replaceAll(`'`, '\u2019'),
    'a dash': base.replaceAll('-', '\u2014'),
    'marks that nobody sees': `\ufeff\u202a${base.replaceAll('17', '1\u200b7')}\u00ad`,
  }
  const expected = bytesToText(passphraseToBytes(base))
  for (const [how, text] of Object.entries(same)) {
    expect([how, bytesToText(passphraseToBytes(text))]).toEqual([how, expected])
  }
  for (const other of [base.toLowerCase(), base.replaceAll(' ', ''), `${base}.`]) {
    expect(bytesToText(passphraseToBytes(other))).not.toBe(expected)
  }
  for (const kept of [
    '\u{1f469}\u200d\u{1f680}',
    '\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
  ]) {
    expect(bytesToText(passphraseToBytes(kept))).toBe(kept)
  }
})

test.each([
  [undefined, /^"passphrase" expected string, got type=undefined$/],
  [7, /^"passphrase" expected string/],
  ['lone \ud800 half', /^"passphrase" expected well-formed text, got a lone surrogate$/],
  ['with \0 in it', /^"passphrase" expected no control characters$/],
  ['a bell \u0007', /^"passphrase" expected no control characters$/],
  ['x'.repeat(1025), /^"passphrase" expected 0 to 1024 bytes without outer spaces, got 1025$/],
  ['x'.repeat(1e7), /got more than 4096 characters$/],
  ['\ufdfa'.repeat(1000), /got \d+$/],
])('[K36] a text that is none is refused, and the error says why: %#', (text, message) => {
  expect(() => passphraseToBytes(text)).toThrow(message)
})

test('[K37] the name of a room is one however it is typed', async () => {
  const fast = { kdf: { type: 'pbkdf2-sha256', iterations: 600_000 } as const }
  const keyOf = async (room: string): Promise<string> => {
    const source = await createPassphraseKeySource(PASSPHRASE, { room, ...fast })
    return bytesToHex(await source.export('x', new Uint8Array(), 32))
  }
  const names = ['Caf\u00e9 42', 'Cafe\u0301 42', ' Caf\u00e9\u00a042\n']
  const keys = await Promise.all(names.map(keyOf))
  expect(new Set(keys).size).toBe(1)
  for (const room of ['', ' ', '\u200b', 'a\0b']) {
    await expect(createPassphraseKeySource(PASSPHRASE, { room, ...fast })).rejects.toThrow(
      /^"room" expected/,
    )
  }
  const provider = new ExternalE2EEKeyProvider({ room: 'Caf\u00e9 42', ...fast })
  await provider.setRoom('Cafe\u0301 42 ')
  expect(() => provider.setRoom('Cafe 42')).toThrow(/^"room"/)
})
