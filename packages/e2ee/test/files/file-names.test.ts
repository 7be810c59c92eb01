import { encodeFileDescription, parseFileDescription, sealFile } from '@conclave/e2ee/files'
import { expect, test } from 'vitest'
import { describeSealed } from './fixtures.ts'

const content = Uint8Array.of(1, 2, 3)

const names: Readonly<Record<string, string | undefined>> = {
  ...{ '../../etc/passwd': '.._.._etc_passwd', 'C:\\x.dll': 'C:_x.dll', '.': '_', '..': '._' },
  ...{ 'nul\0 line\n del\u007f.txt': 'nul_ line_ del_.txt', 'csi\u009b': 'csi_' },
  ...{ 'photo\u202egnp.exe': 'photo_gnp.exe', '\u2066x\u2069': '_x_', 'a\u061cb': 'a_b' },
  ...{ 'a\u200eb\u200fc': 'a_b_c', 'a\u2028b\u2029c': 'a_b_c', '': undefined },
  ...{ 'CON.txt': '_CON.txt', aux: '_aux', 'com7.tar.gz': '_com7.tar.gz', 'LPT¹ .x': '_LPT¹ .x' },
  ...{ conout$: '_conout$', 'prn.': '_prn_', 'trailing. ': 'trailing._', '  ': ' _' },
  ...{ 'half\ud83d.txt': 'half\ufffd.txt', ['x'.repeat(1025)]: undefined },
}
test.each(Object.entries(names))('[F6] a File named %j seals as %j', async (given, name) => {
  const description = await describeSealed(sealFile(new File([content], given)))
  const json: unknown = JSON.parse(JSON.stringify(encodeFileDescription(description)))
  expect(parseFileDescription(json)).toMatchObject({ size: content.length })
  expect(description.name).toBe(name)
})

test.each([
  'café.pdf',
  'cafe\u0301.pdf',
  '👩‍👩‍👧.png',
  '-rf',
  '~',
  'console',
  'com',
  'com10',
  'x'.repeat(1024),
])('[F6] a File named %j keeps its name', async (name) => {
  expect((await describeSealed(sealFile(new File([content], name)))).name).toBe(name)
})
