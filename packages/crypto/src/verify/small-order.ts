/**
 * Whether a public key, 32 bytes, generates a group of at most 8 elements: with X25519 the secret shared under it
 * is zero, with Ed25519 anyone can sign for it. The sign bit does not count, and encodings that no honest party
 * makes count too. RFC 7748 §6.1, RFC 8032 §8.9
 */
export function isSmallOrder(algorithm: 'Ed25519' | 'X25519', publicKey: Uint8Array): boolean {
  const last = publicKey.length - 1
  let hex = ''
  for (let at = last; at >= 0; at -= 1) {
    const byte = (publicKey[at] ?? 0) & (at === last ? 0x7f : 0xff)
    hex += byte.toString(16).padStart(2, '0')
  }
  return ON_BOTH.includes(hex) || ORDER_8[algorithm].includes(hex)
}

/** The coordinates 0, 1, p − 1, p and p + 1 with p = 2^255 − 19: of orders 1, 2 and 4, or not reduced. */
const ON_BOTH: readonly string[] = [
  '0'.repeat(64),
  `${'0'.repeat(63)}1`,
  `7${'f'.repeat(61)}ec`,
  `7${'f'.repeat(61)}ed`,
  `7${'f'.repeat(61)}ee`,
]

/** The coordinates of the points of order 8. */
const ORDER_8 = {
  X25519: [
    '00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0',
    '57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5f',
  ],
  Ed25519: [
    '7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7',
    '05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826',
  ],
}
