/** A body in a wrong shape: no JSON, JSON of another shape, deep, long, or with names that mean something to a program. */
export function nonsense(random: () => number): Uint8Array {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  if (random() < 0.3) return new TextEncoder().encode(pick(TEXTS))
  if (random() < 0.3) {
    return Uint8Array.from({ length: Math.floor(random() * 3000) }, () =>
      Math.floor(random() * 256),
    )
  }
  const body: Record<string, unknown> = {}
  for (const name of NAMES) if (random() < 0.5) body[name] = pick(VALUES)
  return new TextEncoder().encode(JSON.stringify(body))
}

const TEXTS = [
  '',
  '{',
  'null',
  '[]',
  '7',
  '"x"',
  '['.repeat(20_000),
  '{"a":'.repeat(5000),
  '{"__proto__":{"polluted":true}}',
  '{"side":"sender","message":null}',
  '{"side":"receiver","message":{"type":"offer"}}',
  '{"text":"x","at":-1}',
  `{"text":"${'x'.repeat(4001)}","at":1}`,
]
const NAMES = [
  ...['type', 'side', 'message', 'text', 'at', 'name', 'published', 'reply', 'next', 'oldest'],
  ...['first', 'missed', 'received', 'info', 'connection', 'negotiation', 'ice', 'sdp', 'tracks'],
  ...['candidates', 'restart', 'key', 'constructor', 'toString', '__proto__'],
]
const VALUES: readonly unknown[] = [
  ...[null, 0, -1, 1, 2 ** 53, 1.5, '', 'x', 'sender', 'offer', 'constructor', '__proto__'],
  ...[[], {}, [null], [[]], { sdp: 1 }, true, 'v=0\r\n', 'a'.repeat(3000), '\u202e'],
  ...[
    { room: 0, direct: 0 },
    { room: -1, direct: 1e300 },
    { name: 7, published: 'all' },
  ],
]
