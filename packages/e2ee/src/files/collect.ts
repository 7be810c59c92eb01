/** Reads a stream of known length into one array; rejects with the stream's error. */
export async function collect(
  stream: ReadableStream<Uint8Array>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  const reader = stream.getReader()
  let at = 0
  while (true) {
    const { done, value } = await reader.read()
    if (done) return bytes
    bytes.set(value, at)
    at += value.length
  }
}
