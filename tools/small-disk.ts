/**
 * A disk without space for browser tests: a storage bucket of Chromium, which has its own bound.
 *
 * @module
 */
import { onTestFinished, vi } from 'vitest'

/** For the rest of a test the databases of the page lie on a disk that holds so many bytes. */
export async function useSmallDisk(quota: number): Promise<void> {
  const { storageBuckets } = navigator as unknown as { readonly storageBuckets: Buckets }
  const bucket = await storageBuckets.open(BUCKET, { quota })
  vi.stubGlobal('indexedDB', bucket.indexedDB)
  onTestFinished(async () => {
    vi.unstubAllGlobals()
    await storageBuckets.delete(BUCKET)
  })
}

interface Buckets {
  open(
    name: string,
    options: { readonly quota: number },
  ): Promise<{ readonly indexedDB: IDBFactory }>
  delete(name: string): Promise<void>
}

const BUCKET = 'small-disk'
