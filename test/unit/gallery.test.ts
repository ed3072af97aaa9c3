/** The policies of examples/gallery: gallery.json says what is there, and what they reach. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import { addRun, type Entry, galleryFolder, openEntry, readEntries, scoreOf } from '../../harness/gallery/entries'
import { type Card, galleryPage } from '../../harness/gallery/page'
import { trainCommand } from '../../harness/share/command'
import { hashOf } from '../../harness/share/page'
import { otherSource } from '../../src/policy/environment'
import { policyFile } from '../../src/policy/policyfile'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = galleryFolder(root)
const entries = readEntries(folder)
const temporary = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
afterAll(() => rmSync(temporary, { recursive: true }))

/** Environments whose 100 episodes take a few seconds together. */
const CHEAP = ['CartPole-v1', 'MountainCar-v0', 'Acrobot-v1', 'Pendulum-v1']

describe('gallery.json', () => {
  test('names every folder and policy there, in the order of the registry, once', () => {
    const policies = (readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
      name.endsWith('.safetensors'),
    )
    expect(entries.map(({ policy }) => policy).toSorted()).toEqual(policies.toSorted())
    const ids = entries.map(({ env }) => env)
    expect(ids).toEqual(ENVS.map(({ id }) => id).filter((id) => ids.includes(id)))
    expect(ids.length).toBeGreaterThanOrEqual(5)
  })

  test('the policies are small: below 0.6 MB each, 3 MB in all', () => {
    // A network of convolutions has 0.52 MB; all others are far below.
    const sizes = entries.map(({ policy }) => statSync(join(folder, policy)).size)
    expect(Math.max(...sizes)).toBeLessThan(0.6e6)
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(3e6)
  })

  test.each(entries.map((entry) => [entry.env, entry] as const))('%s: says what the policy file says', (env, entry) => {
    const { found, spec } = openEntry(folder, entry)
    const { origin, environment } = found.policy
    expect(spec.id).toBe(env)
    expect(otherSource(environment, spec)).toBeNull()
    const { command, adapter, steps, totalTimesteps } = entry
    expect({ command, adapter, steps, totalTimesteps }).toEqual({
      command: trainCommand(found.policy, spec, null),
      adapter: origin?.adapter,
      steps: origin?.steps,
      totalTimesteps: (origin?.config as { totalTimesteps?: number } | undefined)?.totalTimesteps,
    })
  })

  test.each(CHEAP)('%s: 100 episodes have the return that it says', (env) => {
    const entry = entries.find((entry) => entry.env === env)!
    const { found, spec } = openEntry(folder, entry)
    expect(entry).toMatchObject(scoreOf(found, spec))
    // Other weights have another.
    const params = found.policy.params.map((x) => -x)
    expect(scoreOf({ ...found, policy: { ...found.policy, params } }, spec, 10).meanReturn).not.toBe(entry.meanReturn)
  })
})

test('the policy of a run is taken in, with its command and its score', () => {
  const [entry] = entries.filter(({ env }) => env === 'CartPole-v1')
  const given = addRun(temporary, join(folder, entry.policy), entry.version, () => undefined)
  expect(given).toEqual({ ...entry, date: given.date })
  expect(readEntries(galleryFolder(temporary))).toEqual([given])
  const copy = readFileSync(join(galleryFolder(temporary), entry.policy))
  expect(copy.equals(readFileSync(join(folder, entry.policy)))).toBe(true)
})

test('a policy that does not say how it was trained is refused', () => {
  const { spec, found } = openEntry(folder, entries.find(({ env }) => env === 'CartPole-v1')!)
  const file = join(temporary, 'without.safetensors')
  writeFileSync(file, policyFile(spec, found.policy.shape, found.policy.params))
  const refused = `${file}: does not say how it was trained. Train it again with this version.`
  expect(() => addRun(temporary, file, '0.3.0', () => undefined)).toThrow(refused)
})

describe('the page', () => {
  const card: Card = { id: 'A/<b>-v0', name: 'A_<b>-v0', entry: null, rewardThreshold: 5, curve: true }
  const entry: Entry = {
    ...entries[0],
    command: "train '</code><script>",
    adapter: '<img>',
    steps: 10,
    totalTimesteps: 20,
  }

  test('shows a policy with its score, its command and its curve, as text', () => {
    const page = galleryPage([{ ...card, entry }], [])
    const text = page.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    expect(text).toContain(`${entry.meanReturn.toFixed(1)} +- ${entry.stdReturn.toFixed(1)}: mean return`)
    expect(text).toContain('It counts as solved at 5.')
    expect(text).toContain('Trained for 10 of 20 steps on <img>.')
    expect(text).toContain(entry.command)
    expect(page).toContain('<img src="A_&#60;b&#62;-v0.svg"')
    expect(page).not.toMatch(/<script|<b>|<img>/)
  })

  test('says which environments have no policy', () => {
    const page = galleryPage([card], ['C-v1', '<d>'])
    expect(page).toContain('Not trained yet: there is no policy to show')
    expect(page).toContain('Not trained yet: C-v1, &#60;d&#62;.')
    expect(page).not.toMatch(/<iframe|<d>/)
  })

  test('its policy allows its own style, pictures and frames, and no script', () => {
    const page = galleryPage([card], [])
    const [, csp] = /Content-Security-Policy" content="([^"]*)"/.exec(page)!
    const [, style] = /<style>([\s\S]*)<\/style>/.exec(page)!
    expect(csp).toBe(
      `default-src 'none'; style-src ${hashOf(style)}; img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'`,
    )
  })
})
