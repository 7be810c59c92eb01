/** The name that is meant by a misspelt one: the nearest within `within` edits, or `undefined`. */
export function findNearest(
  name: string,
  names: Iterable<string>,
  within: (length: number) => number = (length) => Math.max(2, Math.ceil(length / 3)),
): string | undefined {
  let best: string | undefined
  let least = Infinity
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > within(candidate.length)) continue
    const edits = countEdits(name.slice(0, MAX_LENGTH), candidate)
    if (edits <= within(candidate.length) && edits < least) [best, least] = [candidate, edits]
  }
  return best
}

/** How many letters must be inserted, removed or changed to make one text of another (Levenshtein). */
function countEdits(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let at = 1; at <= to.length; at += 1) {
      const isSame = from[row - 1] === to[at - 1]
      const changed = (above[at - 1] ?? 0) + (isSame ? 0 : 1)
      current.push(Math.min(changed, (above[at] ?? 0) + 1, (current[at - 1] ?? 0) + 1))
    }
    above = current
  }
  return above[to.length] ?? 0
}

/** The names of settings are shorter. */
const MAX_LENGTH = 64
