/**
 * Holds a value as Svelte 5's `$state` does, and as far as we use them MobX's `observable` too: plain objects and
 * arrays become proxies, at each depth, and keep what is written to them apart from the original. Instances of classes,
 * functions and frozen members are given back as they are.
 */
export function deepProxy<T>(value: T): T {
  if (!isPlain(value) || proxies.has(value)) return value
  const sources = new Map<PropertyKey, unknown>()
  const proxy = new Proxy<object>(value, {
    get(target, name, receiver) {
      if (sources.has(name)) return sources.get(name)
      const descriptor = Reflect.getOwnPropertyDescriptor(target, name)
      const member: unknown = Reflect.get(target, name, receiver)
      if (descriptor?.writable !== true) return member
      sources.set(name, deepProxy(member))
      return sources.get(name)
    },
    set(target, name, member) {
      sources.set(name, deepProxy(member))
      if (!Object.hasOwn(target, name)) Reflect.set(target, name, undefined)
      return true
    },
    getOwnPropertyDescriptor(target, name) {
      const descriptor = Reflect.getOwnPropertyDescriptor(target, name)
      if (descriptor && sources.has(name)) descriptor.value = sources.get(name)
      return descriptor
    },
  })
  proxies.add(proxy)
  return proxy as T
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value) as object | null)

/** Module state: a proxy is not wrapped again. */
const proxies = new WeakSet<object>()
