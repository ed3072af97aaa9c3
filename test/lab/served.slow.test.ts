/** `npm start -- --env FILE`: the lab of the user's own environment, which follows what is saved. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPositive } from './actions'
import { type LabPage, launchDefault, openPage, toNumber } from './site'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-served-'))
const SPEC = join(folder, 'spec.ts')
/** Long enough for all tests. */
const LINK = '#learningRate=0.002&totalTimesteps=10000000'
const WGSL = join(folder, 'pointmass.wgsl')

interface Server {
  child: ChildProcess
  /** Its output so far. */
  told(): string
  ended: Promise<number | null>
}

function start(...args: string[]): Server {
  const child = spawn(process.execPath, [join(root, 'harness/start.js'), ...args], { cwd: root })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  return {
    child,
    told: () => stripVTControlCharacters(output),
    ended: new Promise((resolve) => child.on('close', resolve)),
  }
}

async function addressOf(server: Server): Promise<string> {
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    const found = /Local: +(http:\S+)/.exec(server.told())
    if (found) return found[1]
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`no address: ${server.told()}`)
}

let server: Server
let chrome: Awaited<ReturnType<typeof launchDefault>>
let lab: LabPage
beforeAll(async () => {
  cpSync(join(root, 'examples/pointmass'), folder, { recursive: true })
  server = start('--env', SPEC, '--port', '5317')
  const address = await addressOf(server)
  chrome = await launchDefault()
  lab = await openPage(chrome.browser, address, LINK)
}, 240_000)
afterAll(async () => {
  await chrome?.close()
  server?.child.kill()
  rmSync(folder, { recursive: true })
})

/** Saves a file with one text in place of another; returns how to put it back. */
function save(file: string, from: string, to: string): () => void {
  const before = readFileSync(file, 'utf8')
  expect(before).toContain(from)
  writeFileSync(file, before.replace(from, to))
  return () => writeFileSync(file, before)
}

/** Waits for a message of the page, and closes it. */
async function notice(pattern: RegExp): Promise<string> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const text = await lab.notice()
    if (pattern.test(text)) {
      await lab.click('dismiss')
      return text
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the notice is ${JSON.stringify(await lab.notice())}, not ${pattern}; ${server.told()}`)
}

const isLearning = async () => {
  await lab.until('state', (text) => text === 'learning')
  await lab.until('iteration', isPositive)
}

test('it is shown and trains, with the options of the link', async () => {
  await lab.until('iteration', (text) => toNumber(text) >= 2, 120)
  expect(await lab.page.$eval('header select', (select) => (select as HTMLSelectElement).value)).toBe('PointMass-v0')
  expect(await lab.page.evaluate(() => location.hash)).toBe(`#env=PointMass-v0&${LINK.slice(1)}`)
  expect(lab.problems).toEqual([])
})

test('what is saved begins a new run on the same page, with the same options', async () => {
  await lab.page.evaluate(() => Object.assign(globalThis, { stays: true }))
  const undo = save(WGSL, 'return StepResult(-0.1 - distance', 'return StepResult(-7.0 - distance')
  await notice(/was read again: a new run has begun/)
  await isLearning()
  const shown = await lab.page.evaluate(() => [Reflect.get(globalThis, 'stays'), location.hash])
  expect(shown).toEqual([true, `#env=PointMass-v0&${LINK.slice(1)}`])
  await lab.until('timesteps', (text) => toNumber(text) > 8000)
  const text = await lab.page.$eval('[data-chart=returnMean] strong', (cell) => cell.textContent!)
  // 100 steps of at most -7 each, where it was about -0.1 to -2 before.
  expect(toNumber(text.replace('−', '-')), text).toBeLessThan(-500)
  undo()
  await notice(/was read again/)
})

test('a syntax error: its file, line and column; the run goes on, and the next save is taken', async () => {
  const undo = save(SPEC, 'maxEpisodeSteps: 100', 'maxEpisodeSteps: = 100')
  const text = await notice(/Unexpected token/)
  expect(text).toContain(`${SPEC}:10:20: Unexpected token`)
  expect(text).toContain('10 │   maxEpisodeSteps: = 100,')
  expect(server.told()).toContain(`${SPEC}:10:20: Unexpected token`)
  undo()
  await notice(/was read again/)
  await isLearning()
})

test('WGSL that does not compile: its file and line, also in what only draws; then it learns again', async () => {
  for (const [from, to, place] of [
    ['let s = *state;', 'let s = *stat;', "pointmass.wgsl:33:12: unresolved value 'stat'"],
    ['vec2f(0.04)', 'vec3f(0.04)', 'pointmass.wgsl:52:'],
  ]) {
    const undo = save(WGSL, from, to)
    expect(await notice(/does not compile/)).toContain(place)
    undo()
    await notice(/was read again/)
    await isLearning()
  }
})

test('a description with a contradiction: the line of the field; an import that is not there: its line', async () => {
  let undo = save(SPEC, 'maxEpisodeSteps: 100', 'maxEpisodeSteps: 0')
  expect(await notice(/maxEpisodeSteps/)).toContain(`${SPEC}:10: env.maxEpisodeSteps: 0 is not a whole number`)
  undo()
  await notice(/was read again/)
  undo = save(SPEC, "'./pointmass'", "'./pointless'")
  expect(await notice(/cannot find/)).toBe(`${SPEC}:2: cannot find "./pointless".`)
  // A page that is opened meanwhile says the same, and goes on by itself.
  const second = await openPage(chrome.browser, lab.page.url().split('#')[0])
  await second.page.waitForSelector('[data-reason=own]')
  expect(await second.page.$eval('.detail', (detail) => detail.textContent)).toBe(
    `${SPEC}:2: cannot find "./pointless".`,
  )
  undo()
  await second.until('iteration', isPositive, 120)
  expect(second.problems).toEqual([])
  await second.page.close()
})

test('the comparison with the CPU has its twin', async () => {
  await isLearning()
  await lab.click('compare')
  await lab.page.waitForSelector('[data-compared]', { timeout: 180_000 })
  expect(await lab.page.$eval('[data-compared]', (table) => table.getAttribute('data-compared'))).toBe('true')
})

test.each([
  [['--env', './none.ts'], 'error: --env: ./none.ts: there is no such file.'],
  [['--env=CartPole-v1'], 'error: --env: CartPole-v1 is built in. Open the lab without --env'],
  [['--env', 'examples/pointmass/spec.ts:none'], 'exports no environment "none", but pointMass.'],
  [['--env', '--port', '5318'], 'error: --env: give it once, with the module of your environment'],
])('%j: an error before the server starts', async (args, message) => {
  const wrong = start(...args)
  expect(await wrong.ended).toBe(2)
  expect(wrong.told()).toContain(message)
  expect(wrong.told()).not.toContain('Local:')
})
