import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openLines } from '../../harness/sweep/lines'
import { roomFor } from '../../harness/sweep/pool'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const open = (name: string) => openLines<{ n: number; text: string }>(folder, name, (value) => 'n' in (value as object))

test('lines that are longer together than what is read at once, and a torn end that is longer than that', () => {
  const wanted = Array.from({ length: 3000 }, (_, n) => ({ n, text: '\u00e4'.repeat((n * 7919) % 997) }))
  const first = open('long')
  for (const line of wanted) first.add(line)
  first.close()
  const whole = readFileSync(join(folder, 'long'))
  expect(whole.length).toBeGreaterThan(2 ** 21)
  appendFileSync(join(folder, 'long'), `{"n":${'1'.repeat(2 ** 20 + 5)}`)
  const again = open('long')
  expect([...again.lines]).toEqual(wanted)
  again.add({ n: -1, text: '' })
  // As they were when the file was opened.
  expect([...again.lines]).toEqual(wanted)
  again.close()
  const added = Buffer.concat([whole, Buffer.from('{"n":-1,"text":""}\n')])
  expect(readFileSync(join(folder, 'long')).equals(added)).toBe(true)
})

test('a file without a whole line is empty', () => {
  appendFileSync(join(folder, 'torn'), '{"n":1')
  const lines = open('torn')
  expect([...lines.lines]).toEqual([])
  lines.add({ n: 2, text: '' })
  lines.close()
  expect(readFileSync(join(folder, 'torn'), 'utf8')).toBe('{"n":2,"text":""}\n')
})

test('the queue has two batches for each worker, and never less than 4,096 trials', () => {
  expect([roomFor(0, 64), roomFor(3, 16), roomFor(10_000, 16)]).toEqual([4096, 4096, 320_000])
})
