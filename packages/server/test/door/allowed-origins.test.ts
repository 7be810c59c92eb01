import { describe, expect, test } from 'vitest'
import { isAllowedOrigin, readOrigins } from '../../src/door/allowed-origins.ts'

describe('origins that may connect', () => {
  test('[H60] one label stands for the star, and nothing else', () => {
    const origins = readOrigins(['https://*.meet.example'])
    expect(origins.exact).toEqual([])
    expect(origins.has('https://team.meet.example')).toBe(true)
    expect(origins.has('https://team-7.meet.example')).toBe(true)
    for (const other of [
      'https://meet.example',
      'https://.meet.example',
      'https://a.b.meet.example',
      'https://-.meet.example',
      'http://team.meet.example',
      'https://team.meet.example:8443',
      'https://team.meet.example.evil.example',
      'https://evil.example#.meet.example',
      'https://evil.example/.meet.example',
      'https://evil@a.meet.example',
      'https://meet.example.meet.example:443',
      'https://TEAM.meet.example',
      'https://*.meet.example',
      'null',
      '',
    ])
      expect(origins.has(other), other).toBe(false)
  })

  test.each([
    'https://*',
    'https://*.example',
    'https://*.*.example',
    'https://a*.meet.example',
    'https://meet.*',
    '*.meet.example',
    'wss://*.meet.example',
    'https://*.meet.example/',
    'https://*.meet.example/path',
    'https://*.MEET.example',
    'https://*.127.0.0.1',
    'https://*.meet.example:443',
    'https://*.meet.example:99999',
  ])('[H60] %s is no pattern', (text) => {
    expect(isAllowedOrigin(text)).toBe(false)
    expect(() => readOrigins([text])).toThrow(TypeError)
  })

  test('[H60] a pattern may have a port', () => {
    expect(readOrigins(['https://*.meet.example:8443']).has('https://a.meet.example:8443')).toBe(
      true,
    )
  })

  test('[H60] a function decides, and allows nothing by an exception or by anything but true', () => {
    const isFile = readOrigins([(origin) => origin === 'file://' || origin === 'null'])
    expect([isFile.has('null'), isFile.has('file://'), isFile.has('https://a.example')]).toEqual([
      true,
      true,
      false,
    ])
    const fails = (): boolean => {
      throw new Error('no database')
    }
    expect(readOrigins([fails]).has('https://a.example')).toBe(false)
    const promised = (() => Promise.resolve(true)) as unknown as () => boolean
    expect(readOrigins([promised]).has('https://a.example')).toBe(false)
  })
})
