import { afterEach, expect, test, vi } from 'vitest'
import { checkMediaSupport } from '@conclave/media'

class Sender {
  createEncodedStreams(): void {}
}

const engine = {
  isSecureContext: true,
  RTCPeerConnection: class {},
  RTCRtpScriptTransform: class {},
  RTCRtpSender: Sender,
  Worker: class {},
}

/** The features that an engine lacks when it has all but `changes`. */
const missing = (changes: object) => {
  for (const [name, value] of Object.entries({ ...engine, ...changes })) vi.stubGlobal(name, value)
  return checkMediaSupport()
}

afterEach(() => {
  vi.unstubAllGlobals()
})

test('[M19] either interface that transforms frames is enough', () => {
  expect(missing({})).toEqual([])
  expect(missing({ RTCRtpScriptTransform: undefined })).toEqual([])
  expect(missing({ RTCRtpSender: class {} })).toEqual([])
})

test('each feature that is missing is named', () => {
  expect(missing({ isSecureContext: false })).toEqual(['secure-context'])
  expect(missing({ RTCPeerConnection: undefined })).toEqual(['webrtc'])
  const without = { RTCRtpScriptTransform: undefined, RTCRtpSender: class {} }
  expect(missing(without)).toEqual(['encoded-transform'])
  expect(missing({ Worker: undefined })).toEqual(['worker'])
})
