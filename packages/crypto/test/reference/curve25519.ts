/**
 * The arithmetic of both curves on plain integers: slow, and not for secrets. RFC 7748 §4.1, RFC 8032 §5.1
 *
 * @module
 */

const P = 2n ** 255n - 19n

/** −121665/121666. RFC 8032 §5.1 */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/** All encodings of points whose order divides 8, without the sign bit, most significant byte first. */
export const SMALL_ORDER: Readonly<Record<'Ed25519' | 'X25519', readonly string[]>> = {
  X25519: encodingsOf(
    0n,
    1n,
    -1n,
    325606250916557431795983626356110631294008115727848805560023387167927233504n,
    39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  ),
  Ed25519: encodingsOf(
    0n,
    1n,
    -1n,
    55188659117513257062467267217118295137698188065244968500265048394206261417927n,
    2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  ),
}

/** Whether eight times the point with this coordinate is the neutral element. */
export function isKilledBy8(curve: 'Ed25519' | 'X25519', coordinate: bigint): boolean {
  return curve === 'X25519' ? isKilledOnMontgomery(coordinate) : isKilledOnEdwards(coordinate)
}

/** Doubles three times on the Montgomery curve, in projective coordinates without y. RFC 7748 §5 */
function isKilledOnMontgomery(u: bigint): boolean {
  let [x, z] = [mod(u), 1n]
  for (let doubling = 0; doubling < 3; doubling += 1) {
    const [a, b] = [mod((x + z) ** 2n), mod((x - z) ** 2n)]
    const c = mod(a - b)
    ;[x, z] = [mod(a * b), mod(c * (b + 121666n * c))]
  }
  return z === 0n
}

/** Doubles three times on the Edwards curve. RFC 8032 §5.1 */
function isKilledOnEdwards(given: bigint): boolean {
  const y = mod(given)
  const square = mod((y * y - 1n) * inverse(mod(D * y * y + 1n)))
  const root = squareRoot(square)
  if (root === undefined) return false
  let point: readonly [bigint, bigint] = [root, y]
  for (let doubling = 0; doubling < 3; doubling += 1) point = double(point)
  return point[0] === 0n && point[1] === 1n
}

function double([x, y]: readonly [bigint, bigint]): readonly [bigint, bigint] {
  const product = mod(D * x * x * y * y)
  return [
    mod(2n * x * y * inverse(mod(1n + product))),
    mod((y * y + x * x) * inverse(mod(1n - product))),
  ]
}

/** RFC 8032 §5.1.3 */
function squareRoot(square: bigint): bigint | undefined {
  const candidate = power(square, (P + 3n) / 8n)
  for (const root of [candidate, mod(candidate * power(2n, (P - 1n) / 4n))]) {
    if (mod(root * root) === square) return root
  }
  return undefined
}

/** The coordinates, and those that are not reduced but fit into 255 bits. */
function encodingsOf(...coordinates: readonly bigint[]): readonly string[] {
  return coordinates
    .flatMap((coordinate) => [mod(coordinate), mod(coordinate) + P])
    .filter((coordinate) => coordinate < 2n ** 255n)
    .map((coordinate) => coordinate.toString(16).padStart(64, '0'))
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, factor] = [1n, mod(base)]
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = mod(result * factor)
    factor = mod(factor * factor)
  }
  return result
}

function mod(value: bigint): bigint {
  const rest = value % P
  return rest < 0n ? rest + P : rest
}

function inverse(value: bigint): bigint {
  return power(value, P - 2n)
}
