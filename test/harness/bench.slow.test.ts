import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { pressed } from '../support/pressed'
import { testPlan } from './benchparts'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

testPlan('fused')

test('Ctrl-C: keeps the rows that bench has measured', async () => {
  const json = join(folder, 'bench.json')
  const args = ['harness/run.js', 'bench', '--case', 'minibatch-step', '--repeats', '1', '--json', json]
  const { code, said } = await pressed(process.execPath, [...args, '--adapter', 'software'], 'minibatch-step, fused')
  expect(said).toContain('Stopping after this row; those before it are kept.')
  expect(code).toBe(75)
  const { rows, skipped } = JSON.parse(readFileSync(json, 'utf8'))
  expect(rows.map(({ plan }: { plan: string }) => plan)).toEqual(['layered', 'fused'])
  expect(skipped).toEqual([expect.objectContaining({ plan: 'reference', reason: 'interrupted' })])
})
