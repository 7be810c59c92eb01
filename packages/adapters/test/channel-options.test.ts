import { sealChannel } from '@conclave/adapters'
import { expect, test } from 'vitest'
import { Carrier, CONTEXT, joinSealed, ringOf } from './fixtures.ts'

const wrong: readonly (readonly [string, unknown])[] = [
  ['options', undefined],
  ['keys', { sender: 'a', context: CONTEXT }],
  ['keys', { sender: 'a', context: CONTEXT, keys: new Uint8Array(32) }],
  ['context', { sender: 'a', keys: ringOf() }],
  ['kind', { sender: 'a', keys: ringOf(), context: { kind: 'chat', roomId: 'r' } }],
  ['scope', { sender: 'a', keys: ringOf(), context: { ...CONTEXT, scope: '' } }],
  ['scopeId', { sender: 'a', keys: ringOf(), context: { ...CONTEXT, scopeId: 7 } }],
  ['callId', { sender: 'a', keys: ringOf(), context: { kind: 'call', callId: '\ud800' } }],
  ['sender', { keys: ringOf(), context: CONTEXT }],
  ['sender', { sender: 'é'.repeat(128), keys: ringOf(), context: CONTEXT }],
  ['keyId', { sender: 'a', keys: ringOf(), context: CONTEXT, keyId: 'k' }],
  ['keepUnknown', { sender: 'a', keys: ringOf(), context: CONTEXT, keepUnknown: 513 }],
  ['keepUnknown', { sender: 'a', keys: ringOf(), context: CONTEXT, keepUnknown: '1' }],
  ['minKeyVersion', { sender: 'a', keys: ringOf(), context: CONTEXT, minKeyVersion: -1 }],
  ['padding', { sender: 'a', keys: ringOf(), context: CONTEXT, padding: 'zeros' }],
  ['hideEventNames', { sender: 'a', keys: ringOf(), context: CONTEXT, hideEventNames: 1 }],
  ['counter', { sender: 'a', keys: ringOf(), context: CONTEXT, counter: 7 }],
  ['replay', { sender: 'a', keys: ringOf(), context: CONTEXT, replay: true }],
  ['signer', { sender: 'a', keys: ringOf(), context: CONTEXT, signer: {} }],
  ['verifier', { sender: 'a', keys: ringOf(), context: CONTEXT, verifier: null }],
  ['checks', { sender: 'a', keys: ringOf(), context: CONTEXT, checks: null }],
]

test.each(wrong)('[T15] a wrong %s is said at once', (name, options) => {
  expect(() => sealChannel(new Carrier().join(), options as never)).toThrow(`"${name}" expected`)
})

test('[T15] a handler is a function', () => {
  const { channel } = joinSealed(new Carrier(), { sender: 'alice' })
  expect(() => channel.on('message', 7 as never)).toThrow('"handler" expected function')
  expect(() => channel.on('dropped', null as never)).toThrow('"handler" expected function')
})
