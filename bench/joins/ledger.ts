/**
 * Counts the listeners and handlers that something alive holds. Import it before anything that adds one.
 *
 * @module
 */
import { Emitter } from '@conclave/base'

interface Entry {
  readonly owner: WeakRef<object>
}

const entries = new Set<Entry>()
const entriesByOwner = new WeakMap<object, Map<string, Entry>>()
const idByListener = new WeakMap<object, number>()
let lastId = 0

const { prototype } = EventTarget
const { addEventListener, removeEventListener } = prototype
prototype.addEventListener = function (type, listener, options) {
  const target = this ?? globalThis
  addEventListener.call(target, type, listener, options)
  if (listener === null) return
  const { once = false, signal } = typeof options === 'object' ? options : {}
  const key = keyOf(type, listener)
  if (signal?.aborted === true || entriesByOwner.get(target)?.has(key) === true) return
  const entry = add(target, key)
  const end = (): void => remove(target, key, entry)
  if (once) addEventListener.call(target, type, end, { once })
  if (signal) addEventListener.call(signal, 'abort', end, { once: true })
}
prototype.removeEventListener = function (type, listener, options) {
  const target = this ?? globalThis
  removeEventListener.call(target, type, listener, options)
  if (listener === null) return
  const key = keyOf(type, listener)
  const entry = entriesByOwner.get(target)?.get(key)
  if (entry !== undefined) remove(target, key, entry)
}

const handlers = Emitter.prototype
const { on, clear } = handlers
handlers.on = function (type, handler) {
  const stop = on.call(this, type as never, handler as never)
  const key = `${String(type)} ${(lastId += 1)}`
  const entry = add(this, key)
  return () => {
    stop()
    remove(this, key, entry)
  }
}
handlers.clear = function () {
  clear.call(this)
  for (const entry of entriesByOwner.get(this)?.values() ?? []) entries.delete(entry)
  entriesByOwner.delete(this)
}

/** How many there are, of objects that the last collection of garbage left. */
export function countListeners(): { readonly listeners: number; readonly handlers: number } {
  forgetCollected()
  let emitters = 0
  for (const { owner } of entries) if (owner.deref() instanceof Emitter) emitters += 1
  return { listeners: entries.size - emitters, handlers: emitters }
}

/** The entries of objects that are gone would fill the memory that is measured. */
function forgetCollected(): void {
  for (const entry of entries) if (entry.owner.deref() === undefined) entries.delete(entry)
}

function add(owner: object, key: string): Entry {
  const entry = { owner: new WeakRef(owner) }
  entries.add(entry)
  const known = entriesByOwner.get(owner) ?? new Map<string, Entry>()
  entriesByOwner.set(owner, known.set(key, entry))
  return entry
}

function remove(owner: object, key: string, entry: Entry): void {
  entries.delete(entry)
  entriesByOwner.get(owner)?.delete(key)
}

function keyOf(type: string, listener: object): string {
  const id = idByListener.get(listener) ?? (lastId += 1)
  idByListener.set(listener, id)
  return `${type} ${id}`
}
