/** The files of a run are listed while another process writes them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { listRunFiles } from '../../harness/rundir/files'

/** Writes result.json again and again, as a run does: under a temporary name, which then becomes its name. */
const WRITER = `
const { renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { parentPort, workerData } = require('node:worker_threads')
parentPort.postMessage('begun')
for (let i = 0; ; i++) {
  const temporary = join(workerData, '.result.json.' + i + '-0f.tmp')
  writeFileSync(temporary, '')
  renameSync(temporary, join(workerData, 'result.json'))
}`

test('a temporary file that is gone a moment later is no error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-files-'))
  const writer = new Worker(WRITER, { eval: true, workerData: folder })
  await new Promise((resolve) => writer.once('message', resolve))
  let most = 0
  try {
    for (const end = performance.now() + 500; performance.now() < end; ) {
      most = Math.max(most, listRunFiles(folder).length)
    }
  } finally {
    await writer.terminate()
    rmSync(folder, { recursive: true, force: true })
  }
  expect(most).toBeGreaterThan(0)
})
