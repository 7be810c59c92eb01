import * as files from '@conclave/e2ee/files'
import { bytesOf, chat } from './given.ts'
import type { Given } from './given.ts'
import { rowsOf } from './row.ts'
import type { Row } from './row.ts'

const read = (stream: ReadableStream<Uint8Array>): Promise<unknown> => new Response(stream).bytes()

/** Files of `@conclave/e2ee`. */
export const fileRows = (g: Given): readonly Row[] => [
  ...rowsOf('@conclave/e2ee/files', {
    encodeFileDescription: ['', () => files.encodeFileDescription(g.file.description)],
    parseFileDescription: ['', () => files.parseFileDescription(g.descriptionJson)],
    FileDescription: ['', () => files.parseFileDescription(g.descriptionJson)],
    createFileOpener: ['', () => files.createFileOpener(g.file.description)],
    openBytes: ['subtle', () => files.openBytes(g.file.sealed, g.file.description)],
    openFile: ['subtle', () => read(files.openFile(g.file.sealed, g.file.description))],
    openFileRange: [
      'subtle',
      () => read(files.openFileRange(new Blob([g.file.sealed]), g.file.description, { end: 3 })),
    ],
    createFileSealer: ['random', () => files.createFileSealer({ size: 3 })],
    sealBytes: ['random subtle', () => files.sealBytes(bytesOf(1))],
    sealFile: [
      'random subtle',
      async () => {
        const { stream, description } = files.sealFile(bytesOf(1))
        await Promise.all([read(stream), description])
      },
    ],
    sealGrowingFile: [
      'random subtle',
      async () => {
        const { stream, key } = files.sealGrowingFile(new Blob([bytesOf(1)]).stream())
        await read(stream)
        return key
      },
    ],
    openGrowingFile: [
      'subtle',
      () => read(files.openGrowingFile(g.grown.sealed, g.grown.key).stream),
    ],
    encodeGrowingFileKey: ['', () => files.encodeGrowingFileKey(g.grown.key)],
    parseGrowingFileKey: ['', () => files.parseGrowingFileKey({})],
    isFileName: ['', () => files.isFileName('a.txt')],
    isFileType: ['', () => files.isFileType('text/plain')],
    toFileName: ['', () => files.toFileName('a/b')],
    generateTransferSecrets: ['random', () => files.generateTransferSecrets()],
    createFileParts: [
      'random subtle',
      () => files.createFileParts(files.generateTransferSecrets()),
    ],
    countParts: ['', () => files.countParts(1)],
    partLength: ['', () => files.partLength(1, 0)],
    beginContent: ['subtle', () => files.beginContent({ id: new Uint8Array(16), size: 1 })],
    linkContent: ['subtle', () => files.linkContent(new Uint8Array(32), new Uint8Array(1))],
    sealFileDescription: [
      'subtle',
      () => files.sealFileDescription(g.file.description, g.key, chat),
    ],
    openFileDescription: ['subtle', () => files.openFileDescription(g.description, g.key, chat)],
  }),
]
