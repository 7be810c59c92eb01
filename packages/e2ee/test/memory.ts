/** Bytes in every form and kind of memory that a carrier may hand over. */

/** Bytes in memory that several threads may see. Pages that are not isolated have it too, but not by its name. */
export function sharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  // For types it is like any other memory, as it is for most callers.
  const shared = new Uint8Array(buffer as ArrayBuffer, 8, bytes.length)
  shared.set(bytes)
  return shared
}

/** Bytes in memory that can grow, where the engine has such memory. */
export function resizableMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const options = { maxByteLength: 2 * bytes.length }
  const Resizable = ArrayBuffer as new (length: number, given: typeof options) => ArrayBuffer
  const resizable = new Uint8Array(new Resizable(bytes.length, options))
  resizable.set(bytes)
  return resizable
}

/** The globals of another realm: those of a frame, or of a context of Node. */
async function otherRealm(): Promise<Pick<typeof globalThis, 'Uint8Array'>> {
  if (typeof document === 'object') {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    return frame.contentWindow as unknown as typeof globalThis
  }
  // Not for bundlers, which would look for it in a page.
  const name = 'node:vm'
  const vm = (await import(/* @vite-ignore */ name)) as { runInNewContext(code: string): unknown }
  return vm.runInNewContext('globalThis') as typeof globalThis
}

const other = otherRealm()

/** The same bytes in each kind of memory, as a `Uint8Array` or a kind of it. */
export async function memoriesOf(
  bytes: Uint8Array,
): Promise<Readonly<Record<string, Uint8Array<ArrayBuffer>>>> {
  const padded = new Uint8Array(bytes.length + 20)
  padded.set(bytes, 10)
  const pool = (globalThis as { Buffer?: { from(bytes: Uint8Array): Uint8Array<ArrayBuffer> } })
    .Buffer
  const realm = await other
  return {
    'a part of more': padded.subarray(10, 10 + bytes.length),
    shared: sharedMemory(bytes),
    resizable: resizableMemory(bytes),
    'of another realm': realm.Uint8Array.from(bytes),
    ...(pool && { 'a Buffer of a pool': pool.from(bytes) }),
  }
}

/** A copy whose memory was transferred. */
export function transferred(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const gone = new Uint8Array(bytes)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  return gone
}

/** The same bytes in each form, each in separate memory, and how to overwrite them. */
export function formsOf(
  bytes: Uint8Array,
): Readonly<Record<string, { readonly value: unknown; overwrite(): void }>> {
  const views = {
    bytes: new Uint8Array(bytes),
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
