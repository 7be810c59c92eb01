import type { Page } from 'puppeteer-core'

/** The heaps of a page and of its workers after a collection, with the memory of their buffers, in megabytes. */
export async function heapMb(page: Page): Promise<number> {
  const clients = [await page.createCDPSession(), ...page.workers().map(({ client }) => client)]
  const heaps = clients.map(async (client) => {
    await client.send('HeapProfiler.collectGarbage')
    const usage: object = await client.send('Runtime.getHeapUsage')
    const { usedSize = 0, backingStorageSize = 0 } = usage as Readonly<Record<string, number>>
    return usedSize + backingStorageSize
  })
  const sizes = await Promise.all(heaps)
  return sizes.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20
}
