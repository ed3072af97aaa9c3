import { describe, expect, test } from 'vitest'
import type { AdapterChoice } from '../../harness/chrome/flags'
import { EXIT, HarnessError } from '../../harness/cli/errors'
import { NO_ADAPTER, orSoftware, withAdapter } from '../../harness/runtime/adapter'
import type { Runtime } from '../../harness/runtime/runtime'

const GPU = { vendor: 'nvidia', architecture: 'hopper', device: '', description: '', software: false }
const SWIFTSHADER = { vendor: 'google', architecture: 'swiftshader', device: '', description: '', software: true }

/** The results of opening, in order; `closed` counts. */
function search(looksLike: 'software' | 'hardware', ...results: (object | Error)[]) {
  const seen = { opened: [] as AdapterChoice[], closed: 0, warnings: [] as string[] }
  const open = async (adapter: AdapterChoice): Promise<Runtime> => {
    const result = results[seen.opened.length]
    seen.opened.push(adapter)
    if (result instanceof Error) throw result
    const facts = { ...result, browser: 'Chrome/156' }
    return { facts, close: async () => void seen.closed++ } as unknown as Runtime
  }
  const given = { looksLike, warn: (line: string) => void seen.warnings.push(line) }
  return { seen, take: (choice: AdapterChoice) => withAdapter(choice, open, given) }
}

const noAdapter = () => new HarnessError('no adapter was found.', EXIT.noWebGpu, { code: NO_ADAPTER })
const noBrowser = () => new HarnessError('no browser.', EXIT.noWebGpu)

describe('--adapter auto', () => {
  test('takes the GPU where there is one', async () => {
    const { take, seen } = search('hardware', GPU)
    expect((await take('auto')).facts.vendor).toBe('nvidia')
    expect(seen).toEqual({ opened: ['auto'], closed: 0, warnings: [] })
  })

  test('a device file without a driver: it warns, and the result names the software adapter', async () => {
    const { take, seen } = search('hardware', noAdapter(), SWIFTSHADER)
    expect((await take('auto')).facts).toMatchObject(SWIFTSHADER)
    expect(seen.opened).toEqual(['auto', 'software'])
    expect(seen.warnings.join('\n')).toContain(
      'WARNING: this machine shows a GPU, but it cannot be used: no adapter was found.',
    )
  })

  test('what another adapter does not have either is an error at once', async () => {
    const missing = search('hardware', noBrowser())
    await expect(missing.take('auto')).rejects.toMatchObject({ message: 'no browser.', exitCode: 3 })
    expect(missing.seen.opened).toEqual(['auto'])
    const none = search('software', noAdapter())
    await expect(none.take('auto')).rejects.toMatchObject({ exitCode: 3 })
    expect(none.seen.opened).toEqual(['auto'])
    const neither = search('hardware', noAdapter(), noAdapter())
    await expect(neither.take('auto')).rejects.toMatchObject({ exitCode: 3 })
  })

  test('a software adapter that Chrome takes of itself is what there is', async () => {
    expect((await search('hardware', SWIFTSHADER).take('auto')).facts.software).toBe(true)
  })
})

test('--adapter hardware fails where a software adapter comes, and closes what it opened', async () => {
  const { take, seen } = search('hardware', SWIFTSHADER)
  await expect(take('hardware')).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(
      'Chrome/156 found no GPU and gave its software adapter, google swiftshader (software).',
    ),
  })
  expect(seen).toMatchObject({ opened: ['hardware'], closed: 1 })
  const failing = search('hardware', noAdapter())
  await expect(failing.take('hardware')).rejects.toMatchObject({ exitCode: 3, message: 'no adapter was found.' })
  expect(failing.seen.opened).toEqual(['hardware'])
})

test('software is proposed to who has not asked for it', () => {
  expect([orSoftware('hardware'), orSoftware('auto')]).toEqual(
    Array(2).fill(expect.stringContaining('--adapter software')),
  )
  expect(orSoftware('software')).toBe('')
})

test('--adapter software never looks for another', async () => {
  const { take, seen } = search('hardware', noAdapter())
  await expect(take('software')).rejects.toMatchObject({ exitCode: 3 })
  expect(seen.opened).toEqual(['software'])
})
