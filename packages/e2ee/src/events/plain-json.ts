/** How deep arrays and objects may lie in each other. spec P28 */
export const MAX_JSON_DEPTH = 64

/**
 * Copies a value as its JSON says it, into plain objects and arrays. Reads each property and calls each `toJSON` once,
 * so that the text of the copy says exactly what was checked. spec P28, P47
 *
 * @throws TypeError for anything that JSON would change or leave out, RangeError for too deep a value and for a key
 *   that leads to a prototype; both name the place
 */
export function toPlainJson(value: unknown): unknown {
  const path: string[] = []
  let refusal = ''
  let Kind: new (message: string, options: ErrorOptions) => Error = TypeError
  try {
    return copy(value)
  } catch (cause) {
    // Without a refusal code of the caller's threw: a `toJSON`, a getter, a proxy.
    throw new Kind(`"value"${path.join('')} expected JSON${refusal}`, { cause })
  }

  function copy(given: unknown): unknown {
    if (isLeaf(given)) return given
    const { toJSON } = (given ?? {}) as { readonly toJSON?: unknown }
    const value: unknown =
      typeof toJSON === 'function' && !ArrayBuffer.isView(given)
        ? toJSON.call(given, path.at(-1)?.slice(1) ?? '')
        : given
    // An invalid date says `null`.
    if (isLeaf(value) && (value !== null || tagOf(given) !== 'Date')) return value
    if (path.length >= MAX_JSON_DEPTH && typeof value === 'object') {
      // Throws for what contains itself.
      JSON.stringify(value)
      refuse(LIMITS, RangeError)
    }
    if (Array.isArray(value)) {
      const list: unknown[] = []
      for (const item of value) list.push(copyAt(list.length, item))
      return list
    }
    if (!isPlain(value)) return refuse(`, got ${tagOf(value ?? given)}`)
    const object: Record<string, unknown> = {}
    for (const name of Object.keys(value)) {
      // Code that merges objects without care changes the prototype of all objects by these names.
      const leadsToPrototype = name === 'prototype' && path.at(-1) === '.constructor'
      if (leadsToPrototype || name === '__proto__') refuse(LIMITS, RangeError)
      const item = value[name]
      if (item !== undefined) object[name] = copyAt(name, item)
    }
    return object
  }

  function copyAt(name: string | number, item: unknown): unknown {
    if (isLeaf(item)) return item
    path.push(`.${name}`)
    const copied = copy(item)
    path.pop()
    return copied
  }

  function refuse(reason: string, Reported: typeof Kind = TypeError): never {
    refusal = reason
    Kind = Reported
    throw new Error(reason)
  }
}

/** Whether JSON says a value as it is. It says `null` for numbers that are not finite. */
function isLeaf(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    Number.isFinite(value)
  )
}

/**
 * Whether an object consists of the properties that JSON writes. A `Map`, an `Error` or a `Blob` does not, nor an object
 * of a class that has only private fields.
 */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (tagOf(value) !== 'Object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    prototype === null ||
    // So it is with plain objects of every realm.
    Object.getPrototypeOf(prototype) === null ||
    Object.keys(value as object).length > 0
  )
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

const LIMITS = ` of ${MAX_JSON_DEPTH} levels at most, without "__proto__" and "prototype"`
