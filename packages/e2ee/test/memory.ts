/** Bytes in every form and kind of memory that a carrier may hand over. */

/** Bytes in memory that several threads may see. Pages that are not isolated have it too, but not by its name. */
export function sharedMemory(bytes: Uint8Array): Uint8Array {
  const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const shared = new Uint8Array(buffer, 8, bytes.length)
  shared.set(bytes)
  return shared
}

/** Bytes in memory that can grow, where the engine has such memory. */
export function resizableMemory(bytes: Uint8Array): Uint8Array {
  const options = { maxByteLength: 2 * bytes.length }
  const Resizable = ArrayBuffer as new (length: number, given: typeof options) => ArrayBuffer
  const resizable = new Uint8Array(new Resizable(bytes.length, options))
  resizable.set(bytes)
  return resizable
}

/** The same bytes in each form, each in separate memory, and how to overwrite them. */
export function formsOf(
  bytes: Uint8Array,
): Readonly<Record<string, { readonly value: unknown; overwrite(): void }>> {
  const padded = new Uint8Array(bytes.length + 20)
  padded.set(bytes, 10)
  const views = {
    bytes: new Uint8Array(bytes),
    'a part of more': padded.subarray(10, 10 + bytes.length),
    shared: sharedMemory(bytes),
    resizable: resizableMemory(bytes),
  }
  const forms: Record<string, { readonly value: unknown; overwrite(): void }> = {}
  for (const [name, view] of Object.entries(views)) {
    forms[name] = { value: view, overwrite: () => void view.fill(0) }
  }
  const asOther = (name: string, make: (buffer: ArrayBuffer) => unknown): void => {
    const copy = new Uint8Array(bytes)
    forms[name] = { value: make(copy.buffer), overwrite: () => void copy.fill(0) }
  }
  asOther('an ArrayBuffer', (buffer) => buffer)
  asOther('a DataView', (buffer) => new DataView(buffer))
  asOther('signed bytes', (buffer) => new Int8Array(buffer))
  asOther('pixels', (buffer) => new Uint8ClampedArray(buffer))
  return forms
}
