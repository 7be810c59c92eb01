/** A page may know little about a hub that cannot be reached. */
import { connectHub } from '@conclave/client/channels'
import { expect, test } from 'vitest'

test.each([
  // Answers with a page, as servers of single-page applications do.
  [`ws://${location.host}/hub`, 'unknown'],
  ['ws://127.0.0.1:1/hub', 'no-answer'],
])('[R231] of %s a page learns: %s', async (url, reason) => {
  const client = connectHub({ url, authorize: () => undefined })
  expect((await client.examine()).details.reason).toBe(reason)
})
