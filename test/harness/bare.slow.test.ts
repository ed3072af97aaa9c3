/**
 * `npm run pack`: the archive runs on a bare machine: no PATH, no environment variables, another folder, no browser.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { commit } from '../../harness/checkout/provenance'
import { runCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-bare-'))
const archive = join(folder, 'packed.tar.gz')
const empty = join(folder, 'empty')
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

test('one archive below 60 MB', async () => {
  const { code, stdout } = await runCli(['pack', '--out', archive])
  expect(stdout).toContain('packed.tar.gz: ')
  expect(code).toBe(0)
  expect(statSync(archive).size).toBeLessThan(60e6)
})

test('unpacked elsewhere, run.sh verifies and benches without PATH or environment', () => {
  mkdirSync(empty)
  execFileSync('tar', ['-xzf', archive, '-C', empty])
  const unpacked = join(empty, 'ppo-webgpu')
  const args = ['--adapter', 'software', '--case', 'minibatch-step', '--repeats', '3']
  const { status, stderr } = spawnSync('/usr/bin/env', ['-i', 'PATH=', '/bin/sh', join(unpacked, 'run.sh'), ...args], {
    cwd: '/',
    encoding: 'utf8',
    timeout: 500_000,
  })
  expect(stderr).toContain('WARNING: no GPU in use. Node runs WebGPU on the CPU')
  expect(status).toBe(0)

  const results = join(unpacked, 'results')
  const [bench, verify, ...more] = readdirSync(results).sort()
  expect(more).toEqual([])
  expect(verify).toBe('verify.json')
  expect(bench).toMatch(/^\d{4}-\d\d-\d\d-google-swiftshader-\d+-cores\.json$/)
  const { ok, files } = JSON.parse(readFileSync(join(results, verify), 'utf8'))
  expect(ok).toBe(true)
  expect(files.length).toBeGreaterThan(5)
  const { rows } = JSON.parse(readFileSync(join(results, bench), 'utf8'))
  expect(rows.map((row: { plan: string }) => row.plan)).toEqual(['layered', 'fused', 'reference'])
  expect(rows[0]).toMatchObject({ commit: commit(), browser: expect.stringContaining('dawn.node') })
}, 600_000)
