/** `share` and `enjoy`, from the command to the page in Chrome: without a network, with WebGPU and without. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as ort from 'onnxruntime-web'
import type { Page } from 'puppeteer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { buildCli } from '../../harness/build.js'
import { type LaunchedChrome, launchChrome } from '../../harness/chrome/launch'
import { newEnvFiles } from '../../harness/newenv/newenv'
import { evaluatePolicy } from '../../harness/policies/evaluate'
import { loadSpecs } from '../../harness/setup/load'
import { resolveConfig } from '../../src/config/config'
import { layoutNetwork, type NetworkShape, networkShape } from '../../src/model/network'
import { environmentOf } from '../../src/policy/environment'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'
import { runCli, startCli } from '../support/cli'

ort.env.wasm.numThreads = 1

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (...names: string[]) => join(folder, ...names)
let chrome: LaunchedChrome

beforeAll(async () => {
  await buildCli()
  chrome = await launchChrome()
})
afterAll(async () => {
  await chrome?.close()
  rmSync(folder, { recursive: true })
})

const NETWORK = { actorHidden: [8], criticHidden: [8], activation: 'tanh' as const }
const POLICIES: Record<string, NetworkShape> = {
  'CartPole-v1': { obsDim: 4, actionDim: 2, ...NETWORK, dist: 'categorical' },
  'LunarLander-v3': { obsDim: 8, actionDim: 4, ...NETWORK, dist: 'categorical' },
}

/** The share of a picture's bytes that a push changes, at least; measured 0.0056 and 0.0098. */
const MOVED = 0.004
/** The share that may differ between canvas and WebGPU: edges, which both soften in their own way; measured 0.00001 and 0.002. */
const ALIKE = 0.003
/** The slider that changes the picture at once. */
const SLIDER: Record<string, number> = { 'CartPole-v1': 0, 'LunarLander-v3': 3 }
/** How far a return in float32 may be from the twin's: these policies play 10 steps of CartPole, and crash a lander. */
const CLOSE: Record<string, number> = { 'CartPole-v1': 1e-9, 'LunarLander-v3': 1 }

/** A policy with weights that follow from their places. */
function writePolicy(env: string): string {
  const shape = POLICIES[env]
  const params = Float32Array.from({ length: layoutNetwork(shape).paramStride }, (_, i) => Math.sin(i + 1))
  writeFileSync(path(`${env}.safetensors`), policyFile(findEnv(env), shape, params))
  return path(`${env}.safetensors`)
}

/** The page, opened as a file with the network off, and paused. */
async function opened(file: string, webgpu: 'with WebGPU' | 'without WebGPU') {
  const page = await chrome.browser.newPage()
  const problems: string[] = []
  const asked: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
  page.on('request', (request) => asked.push(request.url()))
  await page.setOfflineMode(true)
  await page.evaluateOnNewDocument((remove) => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))
    if (remove) Object.defineProperty(navigator, 'gpu', { value: undefined })
    const { requestDevice } = globalThis.GPUAdapter?.prototype ?? {}
    if (!requestDevice) return
    GPUAdapter.prototype.requestDevice = async function (...given) {
      const device = await requestDevice.apply(this, given)
      Object.assign(globalThis, { openedDevice: device })
      return device
    }
  }, webgpu === 'without WebGPU')
  await page.goto(pathToFileURL(file).href)
  await page.evaluate('ppoReplay.ready')
  await page.evaluate('ppoReplay.show.playing = false')
  return { page, problems, asked }
}

/** What the page says that plays. */
const plays = (page: Page) => page.$eval('[data-plays]', (element) => (element as HTMLElement).dataset.plays)

/** Plays the first episodes from their beginning: their returns. */
const played = (page: Page, episodes: number) =>
  page.evaluate(`(async () => {
    const { show } = ppoReplay
    const returns = []
    for (let k = 0; k < ${episodes}; k++) {
      show.begin(k)
      while (!show.standing.done) await show.step()
      returns.push(show.standing.return)
    }
    return returns
  })()`) as Promise<number[]>

/** The picture of the first episode's first state, which the slider `at` was moved to the end of. */
async function picture(page: Page, at: number | null = null): Promise<number[]> {
  await page.evaluate('ppoReplay.show.begin(0)')
  if (at !== null) await page.evaluate(push, at)
  // Of a copied picture, the second one after the change is sure to show it.
  for (let i = 0; i < 3; i++) await page.evaluate('new Promise((done) => setTimeout(done, 150))')
  return await page.evaluate(() => {
    const canvas = document.querySelector('canvas')!
    return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data]
  })
}

function push(at: number): void {
  const input = document.querySelectorAll<HTMLInputElement>('fieldset input[type=range]')[at]
  input.value = input.max
  input.dispatchEvent(new Event('input'))
}

/** The share of bytes that differ visibly. */
function difference(a: number[], b: number[]): number {
  expect(a.length).toBe(b.length)
  return a.filter((value, i) => Math.abs(value - b[i]) > 32).length / a.length
}

describe('share', () => {
  test.each(Object.keys(POLICIES))('%s: the page plays exactly what eval plays, offline', async (env) => {
    const [file, out] = [writePolicy(env), path(`${env}-out`)]
    const { code, stdout, stderr } = await runCli([
      'share',
      file,
      '--out',
      out,
      '--no-film',
      '--repo',
      'me/it',
      '--json',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const result = JSON.parse(stdout)
    const size = Object.fromEntries(
      result.files.map(({ name, bytes }: { name: string; bytes: number }) => [name, bytes]),
    )
    const weights = readFileSync(file).length
    expect(Object.keys(size)).toEqual(['policy.safetensors', 'policy.onnx', 'config.json', 'replay.html', 'README.md'])
    expect(size['replay.html'] - (4 / 3) * weights).toBeLessThan(300_000)
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('name: "me/it"')

    const { page, problems, asked } = await opened(join(out, 'replay.html'), 'without WebGPU')
    expect(await plays(page)).toBe('twin')
    const returns = await page.evaluate('ppoReplay.returns(5)')
    const episodes = evaluatePolicy(findEnv(env), loadPolicy(readFileSync(file)), 5, 1_000_000)
    expect(returns).toEqual(episodes.map((episode) => episode.return))
    expect(await played(page, 3)).toEqual(episodes.slice(0, 3).map((episode) => episode.return))
    const [drawn, pushed] = [await picture(page), await picture(page, SLIDER[env])]
    expect(new Set(new Uint32Array(Uint8Array.from(drawn).buffer)).size).toBeGreaterThan(3)
    expect(await page.evaluate('ppoReplay.show.standing.moved')).toBe(true)
    expect(difference(drawn, pushed)).toBeGreaterThan(MOVED)
    expect(problems).toEqual([])
    expect(asked).toEqual([pathToFileURL(join(out, 'replay.html')).href])

    // WebGPU plays and draws the same, but in float32.
    const gpu = await opened(join(out, 'replay.html'), 'with WebGPU')
    expect(await plays(gpu.page)).toBe('webgpu')
    const inFloats = await played(gpu.page, 3)
    episodes.slice(0, 3).forEach((episode, k) => {
      expect(Math.abs(inFloats[k] - episode.return), `episode ${k}`).toBeLessThan(CLOSE[env])
    })
    expect(difference(drawn, await picture(gpu.page))).toBeLessThan(ALIKE)
    expect(difference(pushed, await picture(gpu.page, SLIDER[env]))).toBeLessThan(ALIKE)
    // A lost device: the twin goes on in the middle of the episode.
    await gpu.page.evaluate('ppoReplay.show.begin(0)')
    await gpu.page.evaluate('ppoReplay.show.step()')
    await gpu.page.evaluate('openedDevice.destroy()')
    await gpu.page.evaluate('ppoReplay.show.step()')
    expect(await gpu.page.evaluate('ppoReplay.show.standing.step')).toBe(2)
    expect(await plays(gpu.page)).toBe('twin')
    expect(difference(drawn, await picture(gpu.page))).toBeLessThan(ALIKE)
    expect(gpu.problems).toEqual([])
    await page.close()
    await gpu.page.close()

    // The folder is a policy for other commands, and the model acts as the policy.
    const evaluated = JSON.parse((await runCli(['eval', out, '--json'])).stdout)
    expect(evaluated.meanReturn).toBe(result.meanReturn)
    const session = await ort.InferenceSession.create(readFileSync(join(out, 'policy.onnx')))
    const obs = Array.from({ length: POLICIES[env].obsDim }, (_, i) => 0.1 * (i - 1))
    const { action } = await session.run({ obs: new ort.Tensor('float32', obs, [1, obs.length]) })
    expect(Number(action.data[0])).toBe(loadPolicy(readFileSync(join(out, 'policy.safetensors'))).act(obs)[0])
    expect((await runCli(['share', file, '--out', out, '--no-film'])).stderr).toContain('has files already')
  })
})

describe('an environment of one’s own', () => {
  /** What `new-env` writes, and a policy for it. */
  async function ownEnv() {
    mkdirSync(path('my-game'))
    const files = newEnvFiles('my-game', 'discrete', { check: '', train: '' })
    for (const [name, content] of Object.entries(files)) writeFileSync(path('my-game', name), content)
    const file = path('my-game', 'spec.ts')
    const [{ spec }] = await loadSpecs(file)
    const shape = networkShape(spec, resolveConfig(spec.preset ?? {}, {}, spec))
    const params = Float32Array.from({ length: layoutNetwork(shape).paramStride }, (_, i) => Math.sin(i + 1))
    writeFileSync(path('own.safetensors'), policyFile(spec, shape, params))
    return { file, spec }
  }

  test('share, enjoy and eval take its module, and never code from the folder', async () => {
    const { file, spec } = await ownEnv()
    const [policy, out] = [path('own.safetensors'), path('own-shared')]
    const given = ['share', policy, '--out', out, '--no-film', '--json']
    expect(await runCli(given)).toMatchObject({ code: 2, stderr: expect.stringContaining('--env FILE') })
    const shared = await runCli([...given, '--env', file])
    expect({ code: shared.code, stderr: shared.stderr }).toEqual({ code: 0, stderr: '' })
    const card = readFileSync(join(out, 'README.md'), 'utf8')
    expect(card).toContain(`| its source, SHA-256 | \`${environmentOf(spec).source}\` |`)
    expect(card).toContain('npm run enjoy -- FOLDER --env FILE')
    for (const name of ['README.md', 'config.json', 'replay.html'])
      expect(readFileSync(join(out, name), 'utf8'), name).not.toContain(folder)

    // Somebody else's folder, with code in it, and a config.json that names it.
    writeFileSync(join(out, 'spec.ts'), 'throw new Error("evil")')
    writeFileSync(join(out, 'config.json'), JSON.stringify({ env: spec.id, module: { file: 'spec.ts', name: null } }))
    for (const command of ['enjoy', 'eval', 'share']) {
      const { code, stderr } = await runCli([command, out])
      expect({ command, code }).toEqual({ command, code: 2 })
      expect(stderr).toContain(`there is no environment "${spec.id}" here, and a policy file has no code to play in`)
      expect(stderr).toContain('Give the module that exports it: --env FILE.')
      expect(stderr).not.toContain('evil')
    }
    const { meanReturn } = JSON.parse(shared.stdout)
    expect(JSON.parse((await runCli(['eval', out, '--env', file, '--json'])).stdout).meanReturn).toBe(meanReturn)
    expect((await runCli(['enjoy', out, '--env', file, '--out', path('own.html')])).stderr).toBe('')

    const returns = evaluatePolicy(spec, loadPolicy(readFileSync(policy)), 2, 1_000_000).map((one) => one.return)
    for (const html of [join(out, 'replay.html'), path('own.html')]) {
      const { page, problems } = await opened(html, 'with WebGPU')
      expect(await plays(page)).toBe('webgpu')
      expect(await page.evaluate('ppoReplay.returns(2)')).toEqual(returns)
      const inFloats = await played(page, 1)
      expect(Math.abs(inFloats[0] - returns[0])).toBeLessThan(1e-3 * (1 + Math.abs(returns[0])))
      expect(problems).toEqual([])
      await page.close()
    }
  })
})

describe('enjoy', () => {
  test('makes its own page: no page and no script of a shared folder is used', async () => {
    const [file, shared] = [writePolicy('CartPole-v1'), path('from-elsewhere')]
    mkdirSync(shared)
    writeFileSync(join(shared, 'policy.safetensors'), readFileSync(file))
    writeFileSync(join(shared, 'config.json'), '{"env":"../../evil"}')
    writeFileSync(join(shared, 'replay.html'), '<script>evil</script>')
    writeFileSync(join(shared, 'spec.ts'), 'throw new Error("evil")')
    const started = startCli(['enjoy', shared, '--no-open'])
    await started.shows(/plays at http/)
    started.kill('SIGINT')
    const { code, stdout, stderr } = await started.done
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^CartPole-v1 plays at http:\/\/127\.0\.0\.1:\d+\/$/m)
  })
})
