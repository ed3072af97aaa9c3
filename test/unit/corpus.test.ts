/** test/corpus: files that must be refused, with what is wrong and where, and some that must be read. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSafetensors, SafetensorsError } from '../../src/files/safetensors'
import { PolicyError } from '../../src/policy/policy'
import { loadPolicy } from '../../src/policy/policyfile'
import { CORPUS, FOLDER } from '../corpus/make.js'

const READERS: Record<string, (bytes: Uint8Array) => unknown> = { readSafetensors, loadPolicy }
/** Where each reader's messages begin. */
const NAMES: Record<string, string> = { readSafetensors: 'safetensors', loadPolicy: 'policy' }

test('the files are those that test/corpus/make.js makes', () => {
  const names = CORPUS.map(({ name }) => `${name}.safetensors`)
  expect(readdirSync(FOLDER).sort()).toEqual([...names, 'expected.json'].sort())
  for (const { name, bytes } of CORPUS) {
    expect(new Uint8Array(readFileSync(`${FOLDER}${name}.safetensors`)), name).toEqual(bytes)
  }
  const expected = JSON.parse(readFileSync(`${FOLDER}expected.json`, 'utf8'))
  expect(expected).toEqual(Object.fromEntries(CORPUS.map(({ name, reader, message }) => [name, { reader, message }])))
})

describe.each(CORPUS)('$name', ({ name, reader, message }) => {
  const bytes = new Uint8Array(readFileSync(`${FOLDER}${name}.safetensors`))
  test(message === null ? 'is read' : 'is refused', () => {
    const read = () => READERS[reader](bytes)
    if (message === null) return expect(read).not.toThrow()
    const error = errorOf(read)
    expect(error instanceof SafetensorsError || error instanceof PolicyError).toBe(true)
    expect((error as Error).message.slice(0, `${NAMES[reader]}: ${message}`.length)).toBe(
      `${NAMES[reader]}: ${message}`,
    )
    expect((error as Error).message).toMatch(/\.$/)
  })
})

function errorOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
