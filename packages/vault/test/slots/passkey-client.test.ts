import { createPasskeyClient } from '@conclave/vault'
import { expect, test } from 'vitest'

test('[V12] a site without a host name is refused', () => {
  for (const id of ['', 'Example.org', 'https://example.org', 7 as unknown as string]) {
    expect(() => createPasskeyClient({ rp: { id, name: 'x' } })).toThrow('"rp.id" expected')
  }
})

test('[V12] wrong arguments of passkeys are named when they are given', async () => {
  const rp = { id: 'example.org', name: 'Example' }
  expect(() => createPasskeyClient(undefined as never)).toThrow('"options" expected')
  expect(() => createPasskeyClient({ rp: { id: rp.id } as never })).toThrow('"rp.name" expected')
  const credentials = {} as CredentialsContainer
  expect(() => createPasskeyClient({ rp, credentials })).toThrow('"credentials" expected')
  const client = createPasskeyClient({ rp })
  const users = [undefined, {}, { name: 'alice' }] as unknown as { readonly name: string }[]
  for (const user of users) {
    const registered = client.register({ user: user as never })
    await expect(registered).rejects.toThrow('"user.')
  }
})
