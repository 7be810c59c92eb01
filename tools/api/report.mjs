/**
 * Describes the API of entries in one file each: `node report.mjs JOBS`. `JOBS` is a JSON file with the entries, each with
 * the folder of its package, its declaration file and its report, and whether to write the reports. Prints a JSON array of
 * complaints. Plain JavaScript, because the types of the extractor are installed here only.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'

const { folder, isWriting, entries } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))

/** The libraries that README.md asks a program to name. */
const LIB = ['ES2022', 'DOM', 'ESNext.Disposable']

const complaints = []
for (const { directory, declarations, isForNode, report } of entries) {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(directory, 'api-extractor.json'),
    packageJsonFullPath: join(directory, 'package.json'),
    configObject: {
      projectFolder: directory,
      mainEntryPointFilePath: declarations,
      newlineKind: 'lf',
      compiler: {
        skipLibCheck: true,
        overrideTsconfig: {
          compilerOptions: {
            ...{ module: 'NodeNext', moduleResolution: 'NodeNext', target: 'ES2022' },
            ...{ strict: true, lib: LIB, typeRoots: [join(folder, 'node_modules/@types')] },
            ...{ types: isForNode ? ['node'] : [] },
          },
          files: [declarations],
        },
      },
      apiReport: {
        enabled: true,
        reportFolder: dirname(report),
        reportFileName: basename(report, '.api.md'),
        reportTempFolder: join(folder, '.cache/api'),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  })
  let said = ''
  try {
    const { apiReportChanged, errorCount } = Extractor.invoke(config, {
      localBuild: isWriting,
      messageCallback(message) {
        message.handled = true
        if (message.logLevel === 'error') said = `${said} ${message.text}`
      },
    })
    if (errorCount > 0) complaints.push(`${report}:${said}`)
    else if (apiReportChanged && !isWriting)
      complaints.push(
        `${report} differs from the code: run npm run api, and look at the difference`,
      )
  } catch (error) {
    complaints.push(`${report}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
console.log(JSON.stringify(complaints))
